"""What travels: events. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Literal, TypeAlias, TypedDict

from parlons.client.types.shared import Queue
from parlons.client.types.told import (
    ActivityEventData,
    CallData,
    DialFailed,
    OtherEventData,
    QueueEventData,
    ReservationEventData,
    TaskEventData,
    WorkerEventData,
)


class ActivityCreatedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["activity.created"]
    at: str
    data: ActivityEventData


class ActivityDeletedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["activity.deleted"]
    at: str
    data: ActivityEventData


class ActivityUpdatedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["activity.updated"]
    at: str
    data: ActivityEventData


class CallDialFailedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["call.dial-failed"]
    at: str
    data: DialFailed


class CallEndedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["call.ended"]
    at: str
    data: CallData


class CallUpdatedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["call.updated"]
    at: str
    data: CallData


class QueueFigures(TypedDict):
    queue_id: str
    name: str
    firm_id: str | None
    waiting: int
    oldest_entered_at: str | None
    service_level: float | None
    target_share: float
    target_seconds: int
    offered: int
    accepted: int
    accepted_within: int
    abandoned: int
    ready: int
    busy: int
    queue: Queue


class ReservationAcceptedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["reservation.accepted"]
    at: str
    data: ReservationEventData


class ReservationCanceledEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["reservation.canceled"]
    at: str
    data: ReservationEventData


class ReservationCompletedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["reservation.completed"]
    at: str
    data: ReservationEventData


class ReservationCreatedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["reservation.created"]
    at: str
    data: ReservationEventData


class ReservationRejectedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["reservation.rejected"]
    at: str
    data: ReservationEventData


class ReservationRescindedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["reservation.rescinded"]
    at: str
    data: ReservationEventData


class ReservationTimeoutEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["reservation.timeout"]
    at: str
    data: ReservationEventData


class ReservationWrapupEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["reservation.wrapup"]
    at: str
    data: ReservationEventData


class TaskCanceledEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["task.canceled"]
    at: str
    data: TaskEventData


class TaskChannelCreatedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["task-channel.created"]
    at: str
    data: OtherEventData


class TaskChannelDeletedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["task-channel.deleted"]
    at: str
    data: OtherEventData


class TaskChannelUpdatedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["task-channel.updated"]
    at: str
    data: OtherEventData


class TaskCompletedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["task.completed"]
    at: str
    data: TaskEventData


class TaskCreatedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["task.created"]
    at: str
    data: TaskEventData


class TaskQueueCreatedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["task-queue.created"]
    at: str
    data: QueueEventData


class TaskQueueDeletedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["task-queue.deleted"]
    at: str
    data: QueueEventData


class TaskQueueEnteredEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["task-queue.entered"]
    at: str
    data: TaskEventData


class TaskQueueExpressionUpdatedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["task-queue.expression.updated"]
    at: str
    data: QueueEventData


class TaskQueueMovedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["task-queue.moved"]
    at: str
    data: TaskEventData


class TaskQueueTimeoutEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["task-queue.timeout"]
    at: str
    data: TaskEventData


class TaskTransferAttemptFailedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["task.transfer-attempt-failed"]
    at: str
    data: TaskEventData


class TaskTransferCanceledEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["task.transfer-canceled"]
    at: str
    data: TaskEventData


class TaskTransferCompletedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["task.transfer-completed"]
    at: str
    data: TaskEventData


class TaskTransferFailedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["task.transfer-failed"]
    at: str
    data: TaskEventData


class TaskTransferInitiatedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["task.transfer-initiated"]
    at: str
    data: TaskEventData


class TaskUpdatedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["task.updated"]
    at: str
    data: TaskEventData


class TaskWrapupEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["task.wrapup"]
    at: str
    data: TaskEventData


class WorkerActivityUpdateEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["worker.activity.update"]
    at: str
    data: WorkerEventData


class WorkerAttributesUpdateEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["worker.attributes.update"]
    at: str
    data: WorkerEventData


class WorkerCapacityUpdateEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["worker.capacity.update"]
    at: str
    data: WorkerEventData


class WorkerChannelAvailabilityUpdateEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["worker.channel.availability.update"]
    at: str
    data: WorkerEventData


class WorkerCreatedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["worker.created"]
    at: str
    data: WorkerEventData


class WorkerDeletedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["worker.deleted"]
    at: str
    data: WorkerEventData


class WorkerReachableUpdateEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["worker.reachable.update"]
    at: str
    data: WorkerEventData


class WorkflowCreatedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["workflow.created"]
    at: str
    data: OtherEventData


class WorkflowDeletedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["workflow.deleted"]
    at: str
    data: OtherEventData


class WorkflowEnteredEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["workflow.entered"]
    at: str
    data: TaskEventData


class WorkflowSkippedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["workflow.skipped"]
    at: str
    data: TaskEventData


class WorkflowTargetMatchedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["workflow.target-matched"]
    at: str
    data: TaskEventData


class WorkflowTimeoutEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["workflow.timeout"]
    at: str
    data: TaskEventData


class WorkflowUpdatedEvent(TypedDict):
    type: Literal["event"]
    seq: int
    event: Literal["workflow.updated"]
    at: str
    data: OtherEventData


SocketEvent: TypeAlias = (
    TaskCreatedEvent
    | TaskUpdatedEvent
    | TaskCanceledEvent
    | TaskWrapupEvent
    | TaskCompletedEvent
    | TaskTransferInitiatedEvent
    | TaskTransferAttemptFailedEvent
    | TaskTransferFailedEvent
    | TaskTransferCanceledEvent
    | TaskTransferCompletedEvent
    | TaskQueueEnteredEvent
    | TaskQueueMovedEvent
    | TaskQueueTimeoutEvent
    | WorkflowEnteredEvent
    | WorkflowTargetMatchedEvent
    | WorkflowTimeoutEvent
    | WorkflowSkippedEvent
    | ReservationCreatedEvent
    | ReservationAcceptedEvent
    | ReservationRejectedEvent
    | ReservationTimeoutEvent
    | ReservationCanceledEvent
    | ReservationRescindedEvent
    | ReservationWrapupEvent
    | ReservationCompletedEvent
    | WorkerCreatedEvent
    | WorkerActivityUpdateEvent
    | WorkerAttributesUpdateEvent
    | WorkerCapacityUpdateEvent
    | WorkerChannelAvailabilityUpdateEvent
    | WorkerReachableUpdateEvent
    | WorkerDeletedEvent
    | ActivityCreatedEvent
    | ActivityUpdatedEvent
    | ActivityDeletedEvent
    | TaskQueueCreatedEvent
    | TaskQueueExpressionUpdatedEvent
    | TaskQueueDeletedEvent
    | WorkflowCreatedEvent
    | WorkflowUpdatedEvent
    | WorkflowDeletedEvent
    | TaskChannelCreatedEvent
    | TaskChannelUpdatedEvent
    | TaskChannelDeletedEvent
    | QueueFigures
    | CallUpdatedEvent
    | CallEndedEvent
    | CallDialFailedEvent
)
