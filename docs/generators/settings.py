"""docs/settings.md: every setting of the environment, from the settings' own class."""

from docs.generators.words import table
from settings import Settings

# Temporal reads these names itself (its envconfig); Jisr hands them through.
TEMPORAL = (
    ("TEMPORAL_ADDRESS", "host and port of the engine; without it the `jisr up` of this home, else localhost:7233"),
    ("TEMPORAL_NAMESPACE", "the namespace; default `default`"),
    ("TEMPORAL_API_KEY", "a key, where the engine asks for one"),
    ("TEMPORAL_TLS", "`true` switches encryption of the connection on"),
    ("TEMPORAL_TLS_CLIENT_CERT_PATH", "our certificate, where both sides show one"),
    ("TEMPORAL_TLS_CLIENT_KEY_PATH", "the key of our certificate"),
    ("TEMPORAL_TLS_SERVER_CA_CERT_PATH", "the authority that signed the engine's certificate"),
    ("TEMPORAL_TLS_SERVER_NAME", "the name the engine's certificate is for"),
    ("TEMPORAL_GRPC_META_*", "a header of every call to the engine"),
    ("TEMPORAL_CONFIG_FILE", "a file of connection profiles (TOML)"),
    ("TEMPORAL_PROFILE", "which profile of that file"),
)


def page() -> str:
    prefix = Settings.model_config.get("env_prefix", "")
    rows = []
    for name, field in Settings.model_fields.items():
        default = "not set" if field.default is None else f"`{field.default}`"
        rows.append((f"`{prefix}{name}`".upper(), default, field.description or ""))
    return "\n".join(
        [
            "# Settings",
            "",
            "Everything is set in the environment. In a container each may also stand in a file of its name under",
            "`/run/secrets` (`jisr_database_url`).",
            "",
            "## Jisr",
            "",
            table(("name", "default", "what it is"), rows),
            "## Temporal",
            "",
            "Jisr reaches its engine as any program of Temporal's does: by Temporal's own names.",
            "",
            table(("name", "what it is"), [(f"`{name}`", what) for name, what in TEMPORAL]),
        ]
    )
