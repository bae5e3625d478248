"""AWS clients for one account and Region, real or local."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, overload

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, NoCredentialsError
from botocore.exceptions import ConnectionError as BotoConnectionError

from tools.errors import LakeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import boto3
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_firehose import FirehoseClient
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_kinesis import KinesisClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sts import STSClient
    from mypy_boto3_sts.type_defs import GetCallerIdentityResponseTypeDef


@dataclass(frozen=True)
class Aws:
    """How to reach AWS: environment variables in the terms of the AWS CLI, and the Region.

    Only what `environment` says counts; the process's own variables play no part, so that one process can hold
    clients of several accounts.
    """

    environment: Mapping[str, str]
    region: str | None = None
    _session: boto3.Session = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        try:
            session = self._new_session()
        except BotoCoreError as error:
            raise LakeError(
                f"AWS credentials cannot be read: {reason(error)}; name a profile that `aws configure list-profiles` "
                "shows, with --profile, --producer-profile, --consumer-profile or AWS_PROFILE"
            ) from None
        object.__setattr__(self, "_session", session)

    def _new_session(self) -> boto3.Session:
        import boto3  # noqa: PLC0415  # takes half a second, for which a refusal need not wait
        from botocore.session import Session  # noqa: PLC0415  # as above

        core = Session()
        if config := self.environment.get("AWS_CONFIG_FILE"):
            core.set_config_variable("config_file", config)
        return boto3.Session(
            aws_access_key_id=self.environment.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=self.environment.get("AWS_SECRET_ACCESS_KEY"),
            aws_session_token=self.environment.get("AWS_SESSION_TOKEN"),
            profile_name=None if "AWS_ACCESS_KEY_ID" in self.environment else self.environment.get("AWS_PROFILE"),
            region_name=self.region or self.environment.get("AWS_REGION") or self.environment.get("AWS_DEFAULT_REGION"),
            botocore_session=core,
        )

    @overload
    def client(self, service: Literal["athena"]) -> AthenaClient: ...
    @overload
    def client(self, service: Literal["cloudwatch"]) -> CloudWatchClient: ...
    @overload
    def client(self, service: Literal["dynamodb"]) -> DynamoDBClient: ...
    @overload
    def client(self, service: Literal["firehose"]) -> FirehoseClient: ...
    @overload
    def client(self, service: Literal["glue"]) -> GlueClient: ...
    @overload
    def client(self, service: Literal["kinesis"]) -> KinesisClient: ...
    @overload
    def client(self, service: Literal["lambda"]) -> LambdaClient: ...
    @overload
    def client(self, service: Literal["logs"]) -> CloudWatchLogsClient: ...
    @overload
    def client(self, service: Literal["s3"]) -> S3Client: ...
    @overload
    def client(self, service: Literal["sts"]) -> STSClient: ...

    def client(self, service: str) -> object:
        """Returns a boto3 client of `service`."""
        return self._make_client(service, attempts=5, connect_seconds=10, read_seconds=60)

    def impatient_client(self, service: str) -> Any:  # noqa: ANN401  # a client of any service
        """Returns a boto3 client of `service` that gives up after two attempts of a few seconds."""
        return self._make_client(service, attempts=2, connect_seconds=5, read_seconds=10)

    def _make_client(self, service: str, *, attempts: int, connect_seconds: float, read_seconds: float) -> object:
        from botocore.config import Config  # noqa: PLC0415  # as above

        config = Config(
            retries={"mode": "standard", "max_attempts": attempts},
            connect_timeout=connect_seconds,
            read_timeout=read_seconds,
        )
        endpoint = self.environment.get(f"AWS_ENDPOINT_URL_{service.upper()}", self.environment.get("AWS_ENDPOINT_URL"))
        make: Any = self._session.client
        return make(service, endpoint_url=endpoint, verify=self.environment.get("AWS_CA_BUNDLE"), config=config)

    def account_id(self) -> str:
        """Returns the account that the credentials belong to.

        Raises:
            LakeError: there are no credentials, or they are not valid.
        """
        return self._identity()["Account"]

    def caller_arn(self) -> str:
        """Returns the ARN of whoever the credentials belong to.

        Raises:
            LakeError: there are no credentials, or they are not valid.
        """
        return self._identity()["Arn"]

    def _identity(self) -> GetCallerIdentityResponseTypeDef:
        region = self.region or self._session.region_name or "us-east-1"
        try:
            return Aws(self.environment, region).client("sts").get_caller_identity()
        except (BotoCoreError, ClientError) as error:
            raise LakeError(_why_no_identity(error)) from None


def _why_no_identity(error: BotoCoreError | ClientError) -> str:
    if isinstance(error, HTTPClientError | BotoConnectionError):
        return f"AWS cannot be reached ({reason(error)}); look at network, proxy and Region, or use --local"
    if isinstance(error, NoCredentialsError):
        return f"there are no AWS credentials ({reason(error)}); sign in, name a profile with --profile, or use --local"
    return f"AWS does not accept your credentials ({reason(error)}); sign in, set AWS_PROFILE, or use --local"


def reason(error: BotoCoreError | ClientError) -> str:
    """Returns what AWS, or the way there, said in one line."""
    return " ".join(str(error).split())
