"""Columns of the tables about reminders sent by Sage and recovery files."""

from __future__ import annotations

REMINDER_TABLES: dict[str, str] = {
    "F_COMPTETRAPPEL": """
        CT_Num varchar(17) NN
        CR_Date timestamp
        CR_Trait smallint
        CR_Impayes,CR_Penal numeric(24,6)
        CR_Echeance timestamp
        N_Reglement,CR_Comptabilisation smallint
        CR_SoldeRelance numeric(24,6)
        CR_RefRappel varchar(17)
    """,
    "F_DRECOUVREMENT": """
        DR_Num varchar(13) NN
        CT_Num varchar(17) NN
        DR_Statut,DR_Priorite smallint
        DR_DateDebut,DR_DateFin timestamp
        N_Litige smallint
        DR_Resume varchar(35)
        CO_No,CT_No int
        DR_Commentaire varchar(255)
        N_Resolution,DR_Resultat smallint
        DR_PerteProbable,DR_Provision numeric(24,6)
    """,
    "F_DRECOUVREMENTEC": """
        DR_Num varchar(13) NN
        EC_No int NN
        EC_DateTiersDouteux timestamp
    """,
    "F_DRECOUVREMENTIV": """
        DR_Num varchar(13) NN
        IV_Date timestamp
        IV_Heure char(9)
        IV_Statut,IV_Type smallint
        IV_User varchar(35)
        IV_Raison varchar(69)
        IV_EnvoiType smallint
        IV_Document varchar(259)
        IV_DatePromesse,IV_DateAlerte timestamp
    """,
}
