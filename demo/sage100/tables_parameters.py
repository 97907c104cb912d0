"""Columns of the parameter tables (``P_*``) and of the catalogue of free fields."""

from __future__ import annotations

PARAMETER_TABLES: dict[str, str] = {
    "P_DOSSIER": """
        D_RaisonSoc,D_Profession,D_Adresse,D_Complement varchar(35)
        D_CodePostal varchar(9)
        D_Ville varchar(35)
        D_CodeRegion varchar(25)
        D_Pays,D_Commentaire varchar(35)
        D_Siret varchar(15)
        D_Ape varchar(7)
        D_Identifiant varchar(25)
        D_Telephone,D_Telecopie varchar(21)
        D_EMail,D_Site varchar(69)
        D_DebutExo01,D_DebutExo02,D_DebutExo03,D_DebutExo04,D_DebutExo05 timestamp
        D_FinExo01,D_FinExo02,D_FinExo03,D_FinExo04,D_FinExo05 timestamp
        D_Archivage01,D_Archivage02,D_Archivage03,D_Archivage04,D_Archivage05 smallint
        D_CloturePeriod,D_ArchivePeriod timestamp
        JO_NumAN varchar(7)
        N_DeviseCompte,D_ANSais,D_LgCg,D_LgAn smallint
        D_RappelSoldeMin,D_PenalTaux,D_ForfaitImpayes numeric(24,6)
        JO_NumPenal,JO_NumImpayes varchar(7)
        cbMarq int NN
    """,
    "P_DEVISE": """
        D_Intitule varchar(35)
        D_CodeISO varchar(3)
        D_Sigle varchar(5)
        D_Cours,D_CoursP,D_CoursClot numeric(24,6)
        D_Mode,D_Euro smallint
        D_CodeISONum varchar(5)
        cbIndice smallint
        cbMarq int NN
    """,
    "P_REGLEMENT": """
        R_Intitule varchar(35)
        R_Code varchar(3)
        R_ModePaieDebit,R_ModePaieCredit smallint
        R_EdiCode varchar(3)
        cbIndice smallint
        cbMarq int NN
    """,
    "P_CRISQUE": """
        R_Intitule varchar(35)
        R_Type smallint
        R_Min,R_Max numeric(24,6)
        cbIndice smallint
        cbMarq int NN
    """,
    "P_RAPPEL": """
        R_Intitule varchar(35)
        R_Debut,R_Fin,R_NbJours smallint
        cbIndice smallint
        cbMarq int NN
    """,
    "P_SERVICECPTA": """
        S_Intitule varchar(35)
        cbIndice smallint
        cbMarq int NN
    """,
    "cbSysLibre": """
        CB_File,CB_Name varchar(128)
        CB_Pos,CB_Type,CB_Len,CB_Flag smallint
        CB_Formule varchar(1024)
    """,
}
