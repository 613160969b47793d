"""The closed lists of the field. A word stands here once and means the same everywhere.

Sources: the multi-track framework (Diamond and McDonald), the practice of Track 1.5 and Track 2 dialogues,
the Chatham House Rule (1927, refined 1992 and 2002). docs/glossary.md says each in a sentence.
"""

from enum import StrEnum


class Track(StrEnum):
    """Which channel an initiative is: official is 1, semi-official 1.5, unofficial 2, side tracks 3 to 7."""

    ONE = "1"
    ONE_AND_A_HALF = "1.5"
    TWO = "2"
    GRASSROOTS = "3"
    BUSINESS = "4"
    MEDIA = "5"
    FAITH = "6"
    TRAINING = "7"


class Stage(StrEnum):
    """The six stages, in story order, and the end."""

    CONCEPT = "concept"
    PARTNERS = "partners"
    VETTING = "vetting"
    SESSIONS = "sessions"
    RECOMMENDATIONS = "recommendations"
    FOLLOW_UP = "follow_up"
    CLOSED = "closed"


class StageStatus(StrEnum):
    WAITING = "waiting"
    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"


class Mode(StrEnum):
    """Where the conflict stands; it decides which obligations live."""

    PREVENTIVE = "preventive"
    CRISIS = "crisis"
    POST_CONFLICT = "post_conflict"


class Purpose(StrEnum):
    ANALYSE = "analyse"
    PREVENT = "prevent"
    HELP_RESOLVE = "help_resolve"
    CULTURAL = "cultural"  # refused when it stands alone
    ACQUAINTANCE = "acquaintance"  # refused when it stands alone


class Objective(StrEnum):
    TRANSFORM_RELATIONSHIPS = "transform_relationships"
    MANAGE_CRISIS = "manage_crisis"
    LONG_TERM_SOLUTION = "long_term_solution"


class Sensitivity(StrEnum):
    """What a message may disclose: open < discreet < restricted < quiet (no topic, no attendance, nothing)."""

    OPEN = "open"
    DISCREET = "discreet"
    RESTRICTED = "restricted"
    QUIET = "quiet"


class Issue(StrEnum):
    WATER = "water"
    BORDERS = "borders"
    ENERGY = "energy"
    TRADE = "trade"
    CUSTOMS = "customs"
    AML = "aml"
    EXTRADITION = "extradition"
    CLIMATE = "climate"
    AI = "ai"
    DISINFORMATION = "disinformation"
    FOREIGN_PRESENCE = "foreign_presence"
    SECURITY_COOPERATION = "security_cooperation"
    COUNTERTERRORISM = "counterterrorism"
    INTERFAITH = "interfaith"
    DEMOCRACY_SUPPORT = "democracy_support"
    POLITICAL_SYSTEM = "political_system"
    OTHER = "other"


class Progress(StrEnum):
    """How far the official track has come on an issue; stalled files are first-class candidates."""

    NONE = "none"
    STALLED = "stalled"
    SLOW = "slow"
    MOVING = "moving"


class OfficialChannel(StrEnum):
    """The state of the official channel the initiative complements, never replaces."""

    OPEN = "open"
    BLOCKED = "blocked"
    NONE = "none"


class ConvenorType(StrEnum):
    FOREIGN_STATE = "foreign_state"
    INTERNATIONAL_ORGANISATION = "international_organisation"
    RESEARCH_INSTITUTION = "research_institution"
    LOCAL_ACTOR = "local_actor"


class Acceptance(StrEnum):
    """What a party says of the convenor or a donor."""

    ACCEPTS = "accepts"
    CONDITIONAL = "conditional"
    OBJECTS = "objects"


class NoThirdPartyReason(StrEnum):
    MUTUAL_TRUST = "mutual_trust"
    TECHNICAL_TOPIC = "technical_topic"


class Capacity(StrEnum):
    """On what standing a person comes, always with a date: it changes, the person does not."""

    SERVING_OFFICIAL = "serving_official"
    FORMER_OFFICIAL = "former_official"
    NON_OFFICIAL = "non_official"


class Category(StrEnum):
    RESEARCHER = "researcher"
    RELIGIOUS_LEADER = "religious_leader"
    WOMENS_ACTIVIST = "womens_activist"
    JOURNALIST = "journalist"
    ACADEMIC = "academic"
    BUSINESS = "business"
    FORMER_OFFICIAL = "former_official"
    MINORITY = "minority"
    LOCAL_OFFICIAL = "local_official"
    EXPERT = "expert"
    OFFICIAL = "official"


class Gender(StrEnum):
    WOMAN = "woman"
    MAN = "man"
    OTHER = "other"


class Role(StrEnum):
    MANAGER = "manager"
    DEPUTY = "deputy"
    DIRECTOR = "director"
    CONVENOR = "convenor"
    LOCAL_CONVENOR = "local_convenor"
    FACILITATOR = "facilitator"
    CO_FACILITATOR = "co_facilitator"
    VETTING_LEAD = "vetting_lead"
    SECURITY_ADVISER = "security_adviser"
    LOGISTICS = "logistics"
    RAPPORTEUR = "rapporteur"
    EVALUATION_LEAD = "evaluation_lead"
    DONOR_LIAISON = "donor_liaison"
    TRACK1_LIAISON = "track1_liaison"
    DATA_STEWARD = "data_steward"


class Screening(StrEnum):
    CLEAR = "clear"
    HIT = "hit"
    UNSURE = "unsure"


class Verdict(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"


class Criterion(StrEnum):
    """What reviewers weigh in a nominee. Which ones were weighed is recorded; how they scored never is."""

    STANDING = "standing"
    CARRIES_IDEAS = "carries_ideas"
    CREDIBLE_REPRESENTATION = "credible_representation"
    STRATEGIC_CAPACITY = "strategic_capacity"
    COMMITMENT = "commitment"
    RESILIENCE = "resilience"


class ConsentScope(StrEnum):
    PARTICIPATE = "participate"
    STORE = "store"
    PHOTOGRAPH = "photograph"
    CONTACT_IN_STALL = "contact_in_stall"
    NAME_IN_REPORT = "name_in_report"


class AttributionRule(StrEnum):
    """What may be said of a session segment, loosest first. The order is the strictness."""

    PUBLIC = "public"
    ON_RECORD = "on_record"
    ATTRIBUTION_WITH_CONSENT = "attribution_with_consent"
    CHATHAM_HOUSE = "chatham_house"
    NO_DISCLOSURE_OF_ATTENDANCE = "no_disclosure_of_attendance"
    OFF_RECORD_NO_USE = "off_record_no_use"

    @property
    def strictness(self) -> int:
        return list(AttributionRule).index(self)


class OutputKind(StrEnum):
    """What a dialogue may produce. There is no binding agreement among them: participants have no mandate."""

    JOINT_ANALYSIS = "joint_analysis"
    DRAFT_AGREEMENT = "draft_agreement"
    INFORMAL_RECOMMENDATION = "informal_recommendation"
    CONFIDENCE_BUILDING_MEASURE = "confidence_building_measure"
    POLICY_OPTION = "policy_option"
    POSITION_CLARIFICATION = "position_clarification"
    GAP_FINDING = "gap_finding"
    DE_ESCALATION_OPTION = "de_escalation_option"
    JUSTICE_FRAMEWORK = "justice_framework"
    REINTEGRATION_FRAMEWORK = "reintegration_framework"


class TransferState(StrEnum):
    """Where a recommendation stands with Track 1."""

    DRAFT = "draft"
    TESTED = "tested"
    CLEARED = "cleared"
    SUBMITTED = "submitted"
    ACKNOWLEDGED = "acknowledged"
    UNDER_CONSIDERATION = "under_consideration"
    ADOPTED = "adopted"
    ADOPTED_BY_OTHER_BODY = "adopted_by_other_body"
    PARTLY_ADOPTED = "partly_adopted"
    REJECTED = "rejected"
    NO_RESPONSE = "no_response"
    SUPERSEDED = "superseded"


class ReleaseClass(StrEnum):
    """Who may see an output, narrowest first."""

    INTERNAL = "internal"
    PARTIES = "parties"
    OFFICIALS = "officials"
    PUBLIC = "public"


class Reaction(StrEnum):
    """How a party took a trial balloon."""

    WELCOME = "welcome"
    CAUTIOUS = "cautious"
    REJECTED = "rejected"


class Wave(StrEnum):
    """The snapshots of an evaluation."""

    T0 = "t0"
    MID = "mid"
    CLOSE = "close"
    PLUS_12 = "plus_12"


class Ending(StrEnum):
    """How an initiative ended."""

    COMPLETED = "completed"
    NO_GO = "no_go"
    CANCELLED = "cancelled"


class Implemented(StrEnum):
    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Relation(StrEnum):
    """What another initiative is to this one."""

    FEEDER = "feeder"  # its recommendations come here
    BRIDGE = "bridge"  # carries between civil society and officials
    TARGET = "target"  # our recommendations go there
    SIDE = "side"  # a track 3 to 7 companion


class IncidentKind(StrEnum):
    COMPOSITION = "composition"
    BREACH_OF_RULE = "breach_of_rule"
    MEDIA = "media"
    SAFETY = "safety"
    LEAK = "leak"
    MONITORING = "monitoring"
    NEUTRALITY = "neutrality"
    SANCTIONS = "sanctions"
    OTHER = "other"


class StallPolicy(StrEnum):
    """What a stall does to a ladder: keep its remaining working time, let it run, or drop it."""

    FREEZE = "freeze"
    RUN = "run"
    DROP = "drop"
    ONLY = "only"  # lives only in a stall


class Act(StrEnum):
    """What a rung does when it is reached."""

    REMIND = "remind"
    ESCALATE = "escalate"
    TELL = "tell"
    CHECK = "check"
    EXPIRE = "expire"


class Status(StrEnum):
    """How a report was answered."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REFUSED = "refused"
