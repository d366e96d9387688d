"""Settings, read once from the environment."""

from __future__ import annotations

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from twin.domain.issuer import secure_url
from twin.domain.printers import printers_of
from twin.errors import InvalidInput, shown
from twin.identity.link import public_url_of

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|\[[0-9A-Fa-f:]{2,45}\]")


def _public_url(text: str) -> str:
    try:
        return public_url_of(text)
    except InvalidInput as error:
        raise ValueError(error.message) from error


def _own_database(name: str) -> str:
    if name in {"admin", "config", "local"}:
        raise ValueError(f"{name} is MongoDB's own; expected the name of a database for the service")
    return name


def _printers(text: str) -> str:
    try:
        printers_of(text)
    except InvalidInput as error:
        raise ValueError(error.message) from error
    return text


def _hosts(text: str) -> str:
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if not _HOST.fullmatch(name):
            raise ValueError(f"{shown(name)}: expected a host name such as id.example.com, without a port")
    return ",".join(names).lower()


def _networks(text: str) -> str:
    try:
        return ",".join(str(ip_network(part.strip())) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise ValueError(f"{error}; expected addresses or networks such as 10.0.0.7,10.1.0.0/16") from error


def _webhooks(text: str) -> str:
    try:
        for url in filter(None, map(str.strip, text.split(","))):
            secure_url(url, "recall webhooks")
    except InvalidInput as error:
        raise ValueError(error.message) from error
    return text


PublicUrl = Annotated[str, AfterValidator(_public_url)]


class Settings(BaseSettings):
    """What a deployment decides. Each is an environment variable with the prefix `TWIN_`."""

    model_config = SettingsConfigDict(env_prefix="TWIN_", extra="ignore", frozen=True, env_ignore_empty=True)

    data_dir: Path = Field(default=Path(".twin"), description="Where the embedded mongod keeps its data.")
    mongo_uri: SecretStr | None = Field(
        default=None, description="A replica set or sharded cluster; without it the embedded mongod is started."
    )
    mongo_database: Annotated[str, AfterValidator(_own_database)] = Field(
        default="twin",
        pattern=r"^[A-Za-z0-9_-]{1,38}$",
        description="The name of the database.",
    )
    public_url: PublicUrl | None = Field(
        default=None, description="What new links name, such as https://id.example.com; the address served by default."
    )
    checkpoint_key: Path | None = Field(
        default=None,
        description="A PEM file with the Ed25519 private key that signs checkpoints; checkpoint-key.pem in the data "
        "directory by default, made when it is first needed.",
    )
    checkpoint_every: int = Field(
        default=3600, ge=0, description="Seconds from one checkpoint to the next while serving; 0 makes none."
    )
    printers: Annotated[str, AfterValidator(_printers)] = Field(
        default="", description="The label printers that print jobs may name: name=host:port, with commas between them."
    )
    scan_log: bool = Field(default=True, description="Whether reads of codes are logged and counted.")
    scan_retention_days: int = Field(
        default=365,
        ge=0,
        le=36_500,
        description="For how many days the log keeps a read of a code, as it was when it was read; 0 counts alone.",
    )
    audit_retention_days: int = Field(
        default=0, ge=0, le=36_500, description="For how many days the audit log keeps a row; 0 means for ever."
    )
    hosts: Annotated[str, AfterValidator(_hosts)] = Field(
        default="", description="Host names that requests may name, beside those of links: with commas between them."
    )
    trusted_proxies: Annotated[str, AfterValidator(_networks)] = Field(
        default="",
        description="Addresses or networks of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.",
    )
    tls_cert: Path | None = Field(
        default=None, description="A PEM file with the certificate to speak HTTPS with, and those above it."
    )
    tls_key: Path | None = Field(default=None, description="A PEM file with its private key, not encrypted.")
    allow_insecure: bool = Field(
        default=False, description="Whether to listen beyond this machine without TLS in front, where keys can be read."
    )
    rate_anonymous: int = Field(
        default=600, ge=0, description="Requests a minute of one address without a key; 0 bounds nothing."
    )
    rate_caller: int = Field(
        default=6_000, ge=0, description="Requests a minute of one caller with a key; 0 bounds nothing."
    )
    oidc_issuer: str | None = Field(
        default=None,
        description="The OpenID Connect issuer whose tokens count, letter for letter; none by default.",
    )
    oidc_audience: str | None = Field(default=None, description="What its tokens for this service name as aud.")
    oidc_jwks_url: str | None = Field(
        default=None, description="Where its public keys are; where its discovery document says by default."
    )
    oidc_algorithms: str = Field(
        default="RS256,ES256,EdDSA", description="What tokens may be signed by; never none, never HMAC."
    )
    oidc_roles_claim: str = Field(
        default="roles", min_length=1, description="The claim with the caller's roles; a dot leads into an object."
    )
    oidc_roles: str = Field(
        default="", description="value=role with commas between them; values are names of roles by default."
    )
    recall_webhooks: Annotated[str, AfterValidator(_webhooks)] = Field(
        default="", description="Addresses that are told of recalls when they are published and closed: https, commas."
    )
    webhook_secret: SecretStr | None = Field(
        default=None, description="What those notices are signed with: 24 characters at least; needed for them."
    )
    oidc_audiences_claim: str | None = Field(
        default=None,
        description="The claim with whose fields the caller sees, such as partner; who has none of them sees the "
        "public's. Without it, who has a role sees all.",
    )
    oidc_audiences: str = Field(
        default="", description="value=audience with commas between them; values are names of audiences by default."
    )
    oidc_name_claim: str = Field(
        default="name",
        min_length=1,
        description="The claim with the caller's name, kept apart from history; one that no token has keeps none.",
    )
    trusted_documents: Path | None = Field(
        default=None, description="A JSON file of GraphQL documents by the SHA-256 of their text, for documentId."
    )
    trusted_documents_only: bool = Field(default=False, description="Whether no other documents are executed.")
    graphiql: bool = Field(default=False, description="Whether /graphql shows GraphiQL to a browser.")
