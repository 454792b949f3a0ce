"""Credentials: the values a block gets, and the mark by which it asks for them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, SecretStr


class Credential(BaseModel):
    """What every kind of credential has in common; values print masked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @property
    def is_valid(self) -> bool:
        """Return whether it can be used now, as far as that can be told without asking the provider."""
        return False


class ApiKey(Credential):
    """One secret string."""

    key: SecretStr

    @property
    def is_valid(self) -> bool:
        """Return whether the key is not empty."""
        return bool(self.key.get_secret_value().strip())


class UserPassword(Credential):
    """A user name and a password."""

    username: str
    password: SecretStr

    @property
    def is_valid(self) -> bool:
        """Return whether both parts are given."""
        return bool(self.username.strip() and self.password.get_secret_value())


class OAuth2(Credential):
    """An access token that the platform refreshed before the run."""

    access_token: SecretStr
    scopes: frozenset[str] = frozenset()
    expires_at: datetime | None = None

    @property
    def is_valid(self) -> bool:
        """Return whether there is a token and it has not expired."""
        if not self.access_token.get_secret_value().strip():
            return False
        return self.expires_at is None or self.expires_at > datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Needs:
    """Marks a parameter of `run` as a credential of `provider`, e.g. `Annotated[ApiKey, Needs("openai")]`.

    `kind` and `optional` are read from the annotation: `| None` makes it optional.
    """

    provider: str
    scopes: frozenset[str] = field(default_factory=frozenset)
    kind: type[Credential] = Credential
    optional: bool = False
