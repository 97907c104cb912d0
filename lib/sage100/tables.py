"""The tables of Sage 100 that the add-on reads, and their columns; nothing else is ever selected.

Only free fields, which bear the names that users gave them, come in addition: from the catalogue of the base itself.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """A table of Sage 100: the columns that the reader cannot do without, and those that it uses when they exist."""

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    mandatory: bool = True


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_PARAMETERS = (
    Table(
        "P_DOSSIER",
        _words("D_RaisonSoc D_DebutExo01 D_FinExo01"),
        _words(
            "D_DebutExo02 D_FinExo02 D_DebutExo03 D_FinExo03 D_DebutExo04 D_FinExo04 D_DebutExo05 D_FinExo05 "
            "D_Siret JO_NumAN N_DeviseCompte"
        ),
    ),
    Table("P_DEVISE", _words("D_Intitule cbIndice"), _words("D_CodeISO D_Sigle"), mandatory=False),
    Table("P_REGLEMENT", _words("R_Intitule cbIndice"), _words("R_Code"), mandatory=False),
    Table("P_CRISQUE", _words("R_Intitule cbIndice"), _words("R_Type R_Min R_Max"), mandatory=False),
    Table("P_SERVICECPTA", _words("cbIndice"), _words("S_Intitule"), mandatory=False),
    Table("P_RAPPEL", _words("R_Intitule cbIndice"), _words("R_Debut R_Fin R_NbJours"), mandatory=False),
    Table("P_LETTRAGE", (), _words("L_MaxDebit L_MaxCredit"), mandatory=False),
    Table("F_PAYS", _words("PA_Intitule"), _words("PA_Code PA_CodeISO2"), mandatory=False),
    Table("cbSysLibre", _words("CB_File CB_Name"), _words("CB_Pos CB_Type CB_Len"), mandatory=False),
)
_ACCOUNTING = (
    Table("F_COMPTEG", _words("CG_Num CG_Intitule"), _words("CG_Type CG_Tiers CG_Report")),
    Table("F_JOURNAUX", _words("JO_Num JO_Type"), _words("JO_Intitule")),
    Table(
        "F_ECRITUREC",
        _words(
            "EC_No JO_Num JM_Date EC_Jour EC_Piece CG_Num CT_Num EC_Intitule EC_Echeance EC_Sens EC_Montant "
            "EC_Lettre EC_Lettrage"
        ),
        _words(
            "EC_RefPiece EC_Reference N_Reglement N_Devise EC_Devise EC_ANType EC_CType EC_Norme EC_Rappel "
            "EC_DateRelance EC_Cloture cbModification"
        ),
    ),
)
_TIERS = (
    Table(
        "F_COLLABORATEUR",
        _words("CO_No CO_Nom"),
        _words("CO_Prenom CO_Fonction CO_Vendeur CO_ChargeRecouvr CO_EMail CO_Telephone"),
        mandatory=False,
    ),
    Table(
        "F_COMPTET",
        _words("CT_Num CT_Intitule CT_Type"),
        _words(
            "CT_Contact CT_Adresse CT_Complement CT_CodePostal CT_Ville CT_Pays CT_Siret CT_Identifiant "
            "CT_Commentaire CT_Encours CT_Assurance CT_NumPayeur N_Risque CO_No CT_ControlEnc CT_NotRappel "
            "CT_NotPenal CT_Sommeil CT_LangueISO2 CT_Telephone CT_EMail CT_Site CT_Surveillance CT_SvFormeJuri "
            "CT_SvEffectif CT_SvCA CT_SvResultat CT_SvIncident CT_SvDateIncid CT_SvPrivil CT_SvRegul CT_SvCotation "
            "CT_SvDateMaj CT_SvObjetMaj CT_Coface cbMarq"
        ),
    ),
    Table(
        "F_CONTACTT",
        _words("CT_Num CT_Nom"),
        _words("CT_No CT_Prenom N_Service CT_Fonction CT_Telephone CT_TelPortable CT_EMail CT_Civilite"),
        mandatory=False,
    ),
    Table("F_BANQUET", _words("CT_Num BT_Num"), _words("BT_Intitule BT_IBAN BT_BIC MD_No"), mandatory=False),
    Table(
        "F_MANDAT",
        _words("MD_No CT_Num"),
        _words("MD_Reference MD_Date MD_TypePaiement MD_Statut MD_Revoque MD_B2B"),
        mandatory=False,
    ),
    Table(
        "F_REGLEMENTT",
        _words("CT_Num"),
        _words(
            "N_Reglement RT_Condition RT_NbJour RT_JourTb01 RT_JourTb02 RT_JourTb03 RT_JourTb04 RT_JourTb05 "
            "RT_JourTb06 RT_TRepart RT_VRepart"
        ),
        mandatory=False,
    ),
)
_REMINDERS = (
    Table(
        "F_COMPTETRAPPEL",
        _words("CT_Num CR_Date"),
        _words("CR_Impayes CR_Penal CR_Echeance CR_SoldeRelance CR_RefRappel"),
        mandatory=False,
    ),
    Table(
        "F_DRECOUVREMENT",
        _words("DR_Num CT_Num"),
        _words("DR_Statut DR_DateDebut DR_DateFin DR_Resume CO_No DR_Commentaire N_Litige"),
        mandatory=False,
    ),
    Table("F_DRECOUVREMENTEC", _words("DR_Num EC_No"), mandatory=False),
    Table(
        "F_DRECOUVREMENTIV",
        _words("DR_Num"),
        _words("IV_Date IV_Type IV_Statut IV_User IV_Raison IV_DatePromesse"),
        mandatory=False,
    ),
)

TABLES: dict[str, Table] = {table.name: table for table in (*_PARAMETERS, *_ACCOUNTING, *_TIERS, *_REMINDERS)}
