"""Columns of the tables about customers, suppliers and people."""

from __future__ import annotations

TIERS_TABLES: dict[str, str] = {
    "F_COMPTET": """
        CT_Num varchar(17) NN
        CT_Intitule varchar(69)
        CT_Type smallint
        CG_NumPrinc varchar(13) NN
        CT_Qualite,CT_Classement varchar(17)
        CT_Contact,CT_Adresse,CT_Complement varchar(35)
        CT_CodePostal varchar(9)
        CT_Ville varchar(35)
        CT_CodeRegion varchar(25)
        CT_Pays varchar(35)
        CT_Raccourci varchar(7)
        BT_Num,N_Devise smallint
        CT_Ape varchar(7)
        CT_Identifiant varchar(25)
        CT_Siret varchar(15)
        CT_Statistique01,CT_Statistique02,CT_Statistique03 varchar(21)
        CT_Commentaire varchar(35)
        CT_Encours,CT_Assurance numeric(24,6)
        CT_NumPayeur varchar(17)
        N_Risque smallint
        CO_No,MR_No,EB_No int
        N_CatTarif,N_CatCompta,N_Period,N_Condition,N_Expedition smallint
        CT_Taux01,CT_Taux02,CT_Taux03,CT_Taux04 numeric(24,6)
        CT_Facture,CT_BLFact,CT_Langue smallint
        CT_LangueISO2 varchar(3)
        CT_ControlEnc,CT_NotRappel,CT_NotPenal,CT_Sommeil smallint
        CT_Lettrage,CT_ValidEch smallint
        CT_Telephone,CT_Telecopie varchar(21)
        CT_EMail,CT_Site varchar(69)
        CT_Surveillance smallint
        CT_SvFormeJuri varchar(33)
        CT_SvEffectif varchar(11)
        CT_SvCA,CT_SvResultat numeric(24,6)
        CT_SvIncident smallint
        CT_SvDateIncid timestamp
        CT_SvPrivil smallint
        CT_SvRegul varchar(3)
        CT_SvCotation varchar(5)
        CT_SvDateMaj timestamp
        CT_SvObjetMaj varchar(61)
        CT_SvDateBilan timestamp
        CT_SvNbMoisBilan smallint
        CT_Coface varchar(25)
        CT_NumCentrale varchar(17)
        CT_FactureElec,CT_ProfilSoc,CT_StatutContrat,CT_BonAPayer smallint
        CT_CessionCreance,CT_ExclureTrait,CT_GDPR,CT_Prospect smallint
        CT_Facebook,CT_LinkedIn varchar(35)
        "CATEGORISATION NIV 1" varchar(35)
        "CONDITION PAIEMENT" varchar(35)
        "N° DOSSIER ASSURANCE" varchar(21)
    """,
    "F_COMPTETG": """
        CT_Num varchar(17) NN
        CG_Num varchar(13) NN
    """,
    "F_CONTACTT": """
        CT_Num varchar(17) NN
        CT_Nom,CT_Prenom varchar(35)
        N_Service smallint
        CT_Fonction varchar(35)
        CT_Telephone,CT_TelPortable,CT_Telecopie varchar(21)
        CT_EMail varchar(69)
        CT_Civilite,N_Contact smallint
        CT_Facebook,CT_LinkedIn,CT_Skype varchar(35)
        CT_No int NN
    """,
    "F_COLLABORATEUR": """
        CO_No int NN
        CO_Nom,CO_Prenom,CO_Fonction,CO_Adresse,CO_Complement varchar(35)
        CO_CodePostal varchar(9)
        CO_Ville varchar(35)
        CO_CodeRegion varchar(25)
        CO_Pays,CO_Service varchar(35)
        CO_Vendeur,CO_Caissier,CO_Acheteur,CO_Receptionnaire smallint
        CO_ChargeRecouvr,CO_Financier,CO_Transmission smallint
        CO_Telephone,CO_TelPortable,CO_Telecopie varchar(21)
        CO_EMail varchar(69)
        CO_Matricule varchar(11)
        PROT_No int
    """,
    "F_REGLEMENTT": """
        CT_Num varchar(17) NN
        N_Reglement,RT_Condition,RT_NbJour smallint
        RT_JourTb01,RT_JourTb02,RT_JourTb03,RT_JourTb04,RT_JourTb05,RT_JourTb06 smallint
        RT_TRepart smallint
        RT_VRepart numeric(24,6)
    """,
    "F_BANQUET": """
        CT_Num varchar(17) NN
        BT_Num smallint NN
        BT_Intitule varchar(35)
        BT_Banque varchar(15)
        BT_Guichet varchar(17)
        BT_Compte varchar(35)
        BT_Cle varchar(3)
        BT_Commentaire varchar(69)
        BT_Struct,N_Devise smallint
        BT_Adresse,BT_Complement varchar(35)
        BT_CodePostal varchar(9)
        BT_Ville,BT_Pays varchar(35)
        BT_BIC varchar(11)
        BT_IBAN varchar(35)
        BT_CalculIBAN smallint
        BT_NomAgence varchar(35)
        MD_No int
    """,
    "F_MANDAT": """
        MD_No int NN
        CT_Num varchar(17) NN
        MD_Reference varchar(35)
        MD_Date timestamp
        MD_TypePaiement,MD_Statut,MD_Revoque,MD_B2B smallint
    """,
}
