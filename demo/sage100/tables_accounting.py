"""Columns of the accounting tables: accounts, journals, periods, entries."""

from __future__ import annotations

ACCOUNTING_TABLES: dict[str, str] = {
    "F_COMPTEG": """
        CG_Num varchar(13) NN
        CG_Type smallint
        CG_Intitule varchar(35)
        CG_Classement varchar(17)
        N_Nature,CG_Report smallint
        CR_Num varchar(13)
        CG_Raccourci varchar(7)
        CG_Saut,CG_Regroup,CG_Analytique,CG_Echeance,CG_Quantite smallint
        CG_Lettrage,CG_LettrageSaisie,CG_Tiers,CG_Devise,N_Devise smallint
        TA_Code varchar(5)
        CG_Sommeil,CG_ReportAnal smallint
    """,
    "F_JOURNAUX": """
        JO_Num varchar(7) NN
        JO_Intitule varchar(35)
        CG_Num varchar(13)
        JO_Type,JO_NumPiece,JO_Contrepartie,JO_SaisAnal,JO_NotCalcTot smallint
        JO_Rappro,JO_Sommeil,JO_IFRS,JO_Reglement,JO_SuiviTreso smallint
    """,
    "F_JMOUV": """
        JO_Num varchar(7) NN
        JM_Date timestamp NN
        JM_Cloture,JM_Impression smallint
    """,
    "F_ECRITUREC": """
        JO_Num varchar(7) NN
        EC_No int NN
        EC_NoLink int
        JM_Date timestamp NN
        EC_Jour smallint
        EC_Date timestamp
        EC_Piece varchar(13)
        EC_RefPiece,EC_Reference,EC_TresoPiece varchar(17)
        CG_Num varchar(13) NN
        CG_NumCont varchar(13)
        CT_Num varchar(17)
        EC_Intitule varchar(69)
        N_Reglement smallint
        EC_Echeance timestamp
        EC_Parite,EC_Quantite numeric(24,6)
        N_Devise,EC_Sens smallint
        EC_Montant numeric(24,6)
        EC_Lettre smallint
        EC_Lettrage varchar(5)
        EC_Point smallint
        EC_Pointage varchar(5)
        EC_Impression,EC_Cloture,EC_CType,EC_Rappel smallint
        CT_NumCont varchar(17)
        EC_LettreQ smallint
        EC_LettrageQ varchar(5)
        EC_ANType,EC_RType smallint
        EC_Devise numeric(24,6)
        EC_Remise,EC_ExportExpert,EC_ExportRappro smallint
        TA_Code varchar(5)
        EC_Norme,TA_Provenance,EC_PenalType smallint
        EC_DatePenal,EC_DateRelance,EC_DateRappro timestamp
        EC_MontantRegle numeric(24,6)
        EC_DateRegle timestamp
        EC_NoCloture int
        EC_DateCloture timestamp
        EC_FactureGUID uuid
        "CHANTIER LIVRÉ" varchar(35)
        "N° BON DE COMMANDE" varchar(21)
    """,
}
