"""Acts as a delivery stream's roles: credentials, clients, and the permissions that the emulator does not check."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from time import time
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tools.iam import documents
from tools.iam.evaluator import Request, identity_allows, resource_allows
from tools.localaws.firehose.interfaces import HeldError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.iam.documents import Statement
    from tools.localaws.service import LocalAws

_DENIED: Final = ("AccessDenied", "AccessDeniedException", "KMSAccessDeniedException", "AccessDeniedFault")
_STALE: Final = ("InvalidClientTokenId", "ExpiredToken", "ExpiredTokenException", "UnrecognizedClientException")
_STALE_EXTRA: Final = ("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken")
_MARGIN_SECONDS: Final = 300.0
_REMEMBER_SECONDS: Final = 5.0
"""How long what a policy said is believed: a permission that comes back counts after this long."""

_SESSION_NAME: Final = "delivery"
_LAMBDA_LONGEST: Final = 300


@dataclass(frozen=True)
class Use:
    """One use of a key on a role's behalf: the action, the service it goes through, the encryption context."""

    action: str
    service: str
    context: Mapping[str, str]


class Access:
    """Clients of local AWS, by account root or by role. Safe for several threads."""

    def __init__(self, local: LocalAws) -> None:
        self._local = local
        self._session: Any = boto3.Session(region_name=local.region)  # its overloads want literal service names
        self._lock = threading.RLock()
        self._clients: dict[tuple[str, str], Any] = {}
        self._expiries: dict[str, float] = {}
        self._credentials: dict[str, dict[str, str]] = {}
        self._verdicts: dict[tuple[str, ...], tuple[float, str | None]] = {}

    def root(self, account_id: str, service: str) -> Any:  # noqa: ANN401  # boto3 makes its client classes at run time
        """Returns a client that acts as the root of an account."""
        with self._lock:
            key = (account_id, service)
            if key not in self._clients:
                self._clients[key] = self._client(service, account_id, "local", None)
            return self._clients[key]

    def role(self, role_arn: str, service: str, trusted_for: Mapping[str, str]) -> Any:  # noqa: ANN401
        """Returns a client that acts as a role; `trusted_for` is the context that its trust policy may ask about.

        Raises:
            HeldError: the role is gone, or does not trust Firehose.
        """
        self._check_trust(role_arn, trusted_for)
        with self._lock:
            if self._expiries.get(role_arn, 0.0) - _MARGIN_SECONDS < time():
                self.forget(role_arn)
                self._assume(role_arn)
            key = (role_arn, service)
            if key not in self._clients:
                given = self._credentials[role_arn]
                self._clients[key] = self._client(
                    service, given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]
                )
            return self._clients[key]

    def forget(self, role_arn: str) -> None:
        """Drops the credentials of a role, so that new ones are taken."""
        with self._lock:
            self._expiries.pop(role_arn, None)
            for key in [key for key in self._clients if key[0] == role_arn]:
                del self._clients[key]

    @contextmanager
    def calling(self, role_arn: str, action: str, resource: str) -> Iterator[None]:
        """Turns what can go wrong in a call as a role into HeldError."""
        try:
            yield
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code in _STALE + _STALE_EXTRA:
                self.forget(role_arn)
            raise HeldError(_code(action, code), describe(error, action, resource)) from None
        except BotoCoreError as error:
            raise HeldError("Service.Unavailable", f"{action}: local AWS is out of reach ({one_line(error)})") from None

    def check_key(self, role_arn: str, key_arn: str, use: Use) -> None:
        """Checks that a role may use a key through a service, as S3 and Kinesis check it on AWS.

        Raises:
            HeldError: the role's policies or the key's do not allow it.
        """
        action = f"kms:{use.action}"
        reason = self._remembered(
            (role_arn, key_arn, use.action, json.dumps(use.context, sort_keys=True)),
            lambda: self._key_denial(role_arn, key_arn, action, use),
        )
        if reason:
            raise HeldError(
                f"{use.service.upper() if use.service == 's3' else use.service.title()}.KMS.AccessDenied",
                f"{role_arn} is not authorized to perform {action} on {key_arn}: {reason}",
            )

    def _client(self, service: str, key: str, secret: str, token: str | None) -> Any:  # noqa: ANN401
        longest = _LAMBDA_LONGEST + 10 if service == "lambda" else 30
        config = Config(
            retries={"mode": "standard", "total_max_attempts": 1},
            connect_timeout=5,
            read_timeout=longest,
            proxies={},
        )
        return self._session.client(
            service,
            endpoint_url=self._local.endpoint_url,
            verify=str(self._local.ca_bundle),
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=config,
        )

    def _assume(self, role_arn: str) -> None:
        sts = self.root(_account(role_arn), "sts")
        with self.calling(role_arn, "sts:AssumeRole", role_arn):
            given = sts.assume_role(RoleArn=role_arn, RoleSessionName=_SESSION_NAME)["Credentials"]
        self._credentials[role_arn] = given
        self._expiries[role_arn] = given["Expiration"].timestamp()

    def _check_trust(self, role_arn: str, context: Mapping[str, str]) -> None:
        key = (role_arn, "trust", json.dumps(dict(context), sort_keys=True))
        reason = self._remembered(key, lambda: self._trust_denial(role_arn, context))
        if reason:
            raise HeldError("Role.AccessDenied", reason)

    def _trust_denial(self, role_arn: str, context: Mapping[str, str]) -> str | None:
        iam = self.root(_account(role_arn), "iam")
        with self.calling(role_arn, "sts:AssumeRole", role_arn):
            document = iam.get_role(RoleName=_role_name(role_arn))["Role"]["AssumeRolePolicyDocument"]
        request = Request("sts:AssumeRole", role_arn, context)
        trusted = resource_allows(documents.read(document), request, ["firehose.amazonaws.com"])
        what = f"firehose.amazonaws.com is not authorized to perform sts:AssumeRole on {role_arn}"
        return None if trusted else f"{what}: its trust policy does not allow it"

    def _key_denial(self, role_arn: str, key_arn: str, action: str, use: Use) -> str | None:
        account = _account(role_arn)
        context = {
            "kms:ViaService": f"{use.service}.{key_arn.split(':')[3]}.amazonaws.com",
            "kms:CallerAccount": account,
            "aws:PrincipalArn": role_arn,
            "aws:PrincipalAccount": account,
            "aws:SecureTransport": "true",
            **{f"kms:EncryptionContext:{name}": value for name, value in use.context.items()},
        }
        request = Request(action, key_arn, context)
        with self.calling(role_arn, action, key_arn):
            identity = identity_allows(self._role_policies(role_arn), request)
            kms = self.root(_account(key_arn), "kms")
            key_policy = documents.read(kms.get_key_policy(KeyId=key_arn, PolicyName="default")["Policy"])
        by_role = resource_allows(key_policy, request, [role_arn])
        by_account = resource_allows(key_policy, request, [f"arn:aws:iam::{account}:root", account])
        if not (by_role or by_account):
            return "the key's policy does not allow it"
        is_own = account == _account(key_arn)
        return None if identity or (by_role and is_own) else "none of the role's policies allows it"

    def _role_policies(self, role_arn: str) -> list[Statement]:
        iam, name = self.root(_account(role_arn), "iam"), _role_name(role_arn)
        found = [
            iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
        ]
        for attached in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
            version = iam.get_policy(PolicyArn=attached["PolicyArn"])["Policy"]["DefaultVersionId"]
            answer = iam.get_policy_version(PolicyArn=attached["PolicyArn"], VersionId=version)
            found.append(answer["PolicyVersion"]["Document"])
        return [statement for document in found for statement in documents.read(document)]

    def _remembered(self, key: tuple[str, ...], judge: Any) -> str | None:  # noqa: ANN401  # () -> str | None
        known = self._verdicts.get(key)
        if known and time() - known[0] < _REMEMBER_SECONDS:
            return known[1]
        verdict: str | None = judge()
        self._verdicts[key] = (time(), verdict)
        return verdict


def describe(error: ClientError, action: str, resource: str) -> str:
    """Returns what AWS said in one line that names the action and the resource."""
    code = error.response.get("Error", {}).get("Code", "unknown")
    message = " ".join(str(error.response.get("Error", {}).get("Message", "")).split())
    return f"{action} on {resource} failed with {code}: {message}"


def one_line(error: Exception) -> str:
    """Returns what an exception says in one line."""
    return " ".join(str(error).split())


def is_denial(code: str) -> bool:
    """Returns whether an AWS error code says that a permission is missing."""
    return code in _DENIED or code.endswith("AccessDenied")


def _code(action: str, code: str) -> str:
    service = {"s3": "S3", "lambda": "Lambda", "kinesis": "Kinesis", "sts": "Role"}.get(
        action.partition(":")[0], "Service"
    )
    if is_denial(code):
        return "Lambda.InvokeAccessDenied" if service == "Lambda" else f"{service}.AccessDenied"
    return f"{service}.{code or 'Unknown'}"


def _account(arn: str) -> str:
    return arn.split(":")[4]


def _role_name(role_arn: str) -> str:
    return role_arn.rpartition("/")[2]
