"""What users do, in lines that can be counted."""

from typing import Any

from weft.logs.structured import StructuredLogger


class BusinessLogger:
    """Lines about users' actions, runs of graphs, and calls of others' APIs, under the logger `business`.

    Assembly builds one, and all use it.
    """

    def __init__(self, logger: StructuredLogger | None = None) -> None:
        self._logger = logger or StructuredLogger("business")

    def log_user_action(
        self, user_id: str, action: str, resource_type: str, resource_id: str, result: str, **extra: Any
    ) -> None:
        """Write that a user did something to something, and how it went."""
        self._logger.info(
            f"user action: {action}",
            **extra,
            user_id=user_id,
            action=action,
            resource_type=resource_type,
            resource_id=resource_id,
            result=result,
        )

    def log_graph_execution(  # noqa: PLR0917  (programs may give them in this order)
        self,
        execution_id: str,
        graph_id: str,
        user_id: str,
        status: str,
        duration: float | None = None,
        error: str | None = None,
    ) -> None:
        """Write how a run of a graph stands; `duration` is seconds. With an error the line is one."""
        fields: dict[str, Any] = {
            "execution_id": execution_id,
            "graph_id": graph_id,
            "user_id": user_id,
            "status": status,
        }
        if duration is not None:
            fields["duration_seconds"] = duration
        if error:
            self._logger.error(f"graph execution {execution_id} failed: {status}", **fields, error=error)
        else:
            self._logger.info(f"graph execution {execution_id}: {status}", **fields)

    def log_api_call(  # noqa: PLR0917  (as above)
        self,
        provider: str,
        endpoint: str,
        user_id: str,
        status_code: int,
        duration: float,
        cost: int | None = None,
    ) -> None:
        """Write a call of a provider's API; `duration` is seconds, `cost` cents."""
        fields: dict[str, Any] = {} if cost is None else {"cost_cents": cost}
        self._logger.info(
            f"API call: {provider}/{endpoint}",
            provider=provider,
            endpoint=endpoint,
            user_id=user_id,
            status_code=status_code,
            duration_seconds=duration,
            **fields,
        )
