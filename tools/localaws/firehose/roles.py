"""Clients that act as a delivery stream's roles, and checks of the permissions that the emulator does not check."""

from __future__ import annotations

import json
import math
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, time
from typing import TYPE_CHECKING, Final, Literal, overload

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tools.iam import documents
from tools.iam.evaluator import Request, resource_allows, unknown_operators
from tools.localaws.firehose import key_policies
from tools.localaws.firehose.calls import READ_SECONDS, CallLog
from tools.localaws.firehose.error_texts import blocked_code, describe, one_line
from tools.localaws.firehose.interfaces import BlockedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_firehose import FirehoseClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_kinesis import KinesisClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sts import STSClient
    from mypy_boto3_sts.type_defs import CredentialsTypeDef

    from tools.iam.documents import Statement
    from tools.localaws.service import LocalAws

Service = Literal["cloudwatch", "firehose", "iam", "kinesis", "kms", "lambda", "logs", "s3", "sts"]

_INVALID_CREDENTIALS: Final = (
    "InvalidClientTokenId",
    "ExpiredToken",
    "ExpiredTokenException",
    "UnrecognizedClientException",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "InvalidToken",
)
_EXPIRY_MARGIN_SECONDS: Final = 300.0
_POLICY_CACHE_SECONDS: Final = 5.0
"""How long the result of a permission check is reused: a changed policy takes effect after this time at the latest."""

_PAGES: Final = 2
_PAGE_TURN_SECONDS: Final = 10.0
_SESSION_NAME: Final = "delivery"


@dataclass(frozen=True)
class KeyUse:
    """One use of a KMS key: the action without `kms:`, the service that uses the key, and the encryption context."""

    action: str
    service: str
    context: Mapping[str, str]


class ClientFactory:
    """Makes clients of local AWS that act as the root of an account, or as a role. Safe for several threads."""

    def __init__(self, local: LocalAws) -> None:
        self._local = local
        self._session = boto3.Session(region_name=local.region)
        self._lock = threading.RLock()
        self._clients: dict[tuple[str, Service], object] = {}
        self._expiries: dict[str, float] = {}
        self._credentials: dict[str, CredentialsTypeDef] = {}
        self._denials: dict[tuple[str, ...], tuple[float, str | None]] = {}
        self._pages = threading.Semaphore(_PAGES)
        self.calls = CallLog()

    @overload
    def root(self, account_id: str, service: Literal["cloudwatch"]) -> CloudWatchClient: ...
    @overload
    def root(self, account_id: str, service: Literal["firehose"]) -> FirehoseClient: ...
    @overload
    def root(self, account_id: str, service: Literal["iam"]) -> IAMClient: ...
    @overload
    def root(self, account_id: str, service: Literal["kms"]) -> KMSClient: ...
    @overload
    def root(self, account_id: str, service: Literal["sts"]) -> STSClient: ...
    def root(self, account_id: str, service: Service) -> object:
        """Returns a client that acts as the root of an account."""
        with self._lock:
            key = (account_id, service)
            if key not in self._clients:
                self._clients[key] = self._client(service, account_id, self._local.secret, None)
            return self._clients[key]

    @overload
    def role(self, role_arn: str, service: Literal["kinesis"], context: Mapping[str, str]) -> KinesisClient: ...
    @overload
    def role(self, role_arn: str, service: Literal["lambda"], context: Mapping[str, str]) -> LambdaClient: ...
    @overload
    def role(self, role_arn: str, service: Literal["logs"], context: Mapping[str, str]) -> CloudWatchLogsClient: ...
    @overload
    def role(self, role_arn: str, service: Literal["s3"], context: Mapping[str, str]) -> S3Client: ...
    def role(self, role_arn: str, service: Service, context: Mapping[str, str]) -> object:
        """Returns a client that acts as a role; its trust policy is evaluated with the condition keys in `context`.

        Raises:
            BlockedError: the role is gone, or does not trust Firehose.
        """
        self._check_trust(role_arn, context)
        with self._lock:
            if self._expiries.get(role_arn, -math.inf) - _EXPIRY_MARGIN_SECONDS < monotonic():
                self.forget(role_arn)
                self._assume(role_arn)
            key = (role_arn, service)
            if key not in self._clients:
                keys = self._credentials[role_arn]
                self._clients[key] = self._client(
                    service, keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]
                )
            return self._clients[key]

    def forget(self, role_arn: str) -> None:
        """Drops the credentials of a role, so that the next client gets new ones."""
        with self._lock:
            self._expiries.pop(role_arn, None)
            for key in [key for key in self._clients if key[0] == role_arn]:
                del self._clients[key]

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Lets few pages be read at a time: while it is parsed, a page takes several times its size."""
        # Whoever cannot get his turn reads all the same: others may wait for an answer.
        has_turn = self._pages.acquire(timeout=_PAGE_TURN_SECONDS)
        try:
            yield
        finally:
            if has_turn:
                self._pages.release()

    @contextmanager
    def calling(self, role_arn: str, action: str, resource: str) -> Iterator[None]:
        """Raises errors of a call inside as BlockedError; `action` and `resource` are named in the message."""
        began = self.calls.begin(action)
        try:
            yield
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code in _INVALID_CREDENTIALS:
                self.forget(role_arn)
            raise BlockedError(blocked_code(action, code), describe(error, action, resource), action) from None
        except BotoCoreError as error:
            raise BlockedError(
                "Service.Unavailable", f"{action}: local AWS is out of reach ({one_line(error)})"
            ) from None
        finally:
            self.calls.end(role_arn, action, began)

    def check_key(self, role_arn: str, key_arn: str, use: KeyUse) -> None:
        """Checks that a role may use a key through a service, as S3 and Kinesis check it on AWS.

        Raises:
            BlockedError: the role's policies or the key's do not allow it.
        """
        action = f"kms:{use.action}"
        reason = self._cached(
            (role_arn, key_arn, use.action, json.dumps(use.context, sort_keys=True)),
            lambda: self._key_denial(role_arn, key_arn, action, use),
        )
        if reason:
            raise BlockedError(
                f"{use.service.upper() if use.service == 's3' else use.service.title()}.KMS.AccessDenied",
                f"{role_arn} is not authorized to perform {action} on {key_arn}: {reason}",
            )

    def _client(self, service: Service, key: str, secret: str, token: str | None) -> object:
        read_timeout = READ_SECONDS.get(service, READ_SECONDS["other"])
        config = Config(
            retries={"mode": "standard", "total_max_attempts": 1},
            connect_timeout=5,
            read_timeout=read_timeout,
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
            credentials = sts.assume_role(RoleArn=role_arn, RoleSessionName=_SESSION_NAME)["Credentials"]
        self._credentials[role_arn] = credentials
        self._expiries[role_arn] = monotonic() + credentials["Expiration"].timestamp() - time()

    def _check_trust(self, role_arn: str, context: Mapping[str, str]) -> None:
        key = (role_arn, "trust", json.dumps(dict(context), sort_keys=True))
        reason = self._cached(key, lambda: self._trust_denial(role_arn, context))
        if reason:
            raise BlockedError("Role.AccessDenied", reason)

    def _trust_denial(self, role_arn: str, context: Mapping[str, str]) -> str | None:
        iam = self.root(_account(role_arn), "iam")
        with self.calling(role_arn, "sts:AssumeRole", role_arn):
            document = iam.get_role(RoleName=_role_name(role_arn))["Role"]["AssumeRolePolicyDocument"]
        request = Request("sts:AssumeRole", role_arn, context)
        trust = documents.read(document)
        trusted = resource_allows(trust, request, ["firehose.amazonaws.com"])
        what = f"firehose.amazonaws.com is not authorized to perform sts:AssumeRole on {role_arn}"
        return None if trusted else f"{what}: its trust policy does not allow it{unknown_operators(trust)}"

    def _key_denial(self, role_arn: str, key_arn: str, action: str, use: KeyUse) -> str | None:
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
            role_policies = self._role_policies(role_arn)
            kms = self.root(_account(key_arn), "kms")
            key_policy = documents.read(kms.get_key_policy(KeyId=key_arn, PolicyName="default")["Policy"])
            state = kms.describe_key(KeyId=key_arn)["KeyMetadata"]["KeyState"]
        return key_policies.denial(role_arn, role_policies, key_policy, state, request)

    def _role_policies(self, role_arn: str) -> list[Statement]:
        iam, name = self.root(_account(role_arn), "iam"), _role_name(role_arn)
        texts = [
            iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
        ]
        for attached in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
            version = iam.get_policy(PolicyArn=attached["PolicyArn"])["Policy"]["DefaultVersionId"]
            response = iam.get_policy_version(PolicyArn=attached["PolicyArn"], VersionId=version)
            texts.append(response["PolicyVersion"]["Document"])
        return [statement for document in texts for statement in documents.read(document)]

    def _cached(self, key: tuple[str, ...], check: Callable[[], str | None]) -> str | None:
        cached = self._denials.get(key)
        if cached and monotonic() - cached[0] < _POLICY_CACHE_SECONDS:
            return cached[1]
        denial = check()
        self._denials[key] = (monotonic(), denial)
        return denial


def _account(arn: str) -> str:
    return arn.split(":")[4]


def _role_name(role_arn: str) -> str:
    return role_arn.rpartition("/")[2]
