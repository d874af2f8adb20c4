"""The routes by group. Written by `make python-client` from the API's description."""

from __future__ import annotations

from typing import Any

from parlons.client.calls import Group, Mode
from parlons.client.operations.accounts import AccountsRoutes
from parlons.client.operations.appointments import AppointmentsRoutes
from parlons.client.operations.channels import ChannelsRoutes
from parlons.client.operations.configuration import ConfigurationRoutes
from parlons.client.operations.conversations import ConversationsRoutes
from parlons.client.operations.customer_systems import CustomerSystemsRoutes
from parlons.client.operations.customers import CustomersRoutes
from parlons.client.operations.dispatch import DispatchRoutes
from parlons.client.operations.floor import FloorRoutes
from parlons.client.operations.flows import FlowsRoutes
from parlons.client.operations.intents import IntentsRoutes
from parlons.client.operations.knowledge import KnowledgeRoutes
from parlons.client.operations.leavers import LeaversRoutes
from parlons.client.operations.operations import OperationsRoutes
from parlons.client.operations.push import PushRoutes
from parlons.client.operations.reception import ReceptionRoutes
from parlons.client.operations.sends import SendsRoutes
from parlons.client.operations.settings import SettingsRoutes
from parlons.client.operations.single_messages import SingleMessagesRoutes
from parlons.client.operations.statistics import StatisticsRoutes
from parlons.client.operations.surveys import SurveysRoutes
from parlons.client.operations.team import TeamRoutes
from parlons.client.operations.templates import TemplatesRoutes
from parlons.client.operations.voice import VoiceRoutes
from parlons.client.operations.webcall import WebcallRoutes
from parlons.client.operations.webchat import WebchatRoutes
from parlons.client.operations.webhooks import WebhooksRoutes


class Groups(Group[Mode]):
    """Every group of routes, by its name."""

    def __init__(self, wire: Any) -> None:
        super().__init__(wire)
        self.accounts: AccountsRoutes[Mode] = AccountsRoutes(wire)
        self.appointments: AppointmentsRoutes[Mode] = AppointmentsRoutes(wire)
        self.channels: ChannelsRoutes[Mode] = ChannelsRoutes(wire)
        self.configuration: ConfigurationRoutes[Mode] = ConfigurationRoutes(wire)
        self.conversations: ConversationsRoutes[Mode] = ConversationsRoutes(wire)
        self.customer_systems: CustomerSystemsRoutes[Mode] = CustomerSystemsRoutes(wire)
        self.customers: CustomersRoutes[Mode] = CustomersRoutes(wire)
        self.dispatch: DispatchRoutes[Mode] = DispatchRoutes(wire)
        self.floor: FloorRoutes[Mode] = FloorRoutes(wire)
        self.flows: FlowsRoutes[Mode] = FlowsRoutes(wire)
        self.intents: IntentsRoutes[Mode] = IntentsRoutes(wire)
        self.knowledge: KnowledgeRoutes[Mode] = KnowledgeRoutes(wire)
        self.leavers: LeaversRoutes[Mode] = LeaversRoutes(wire)
        self.operations: OperationsRoutes[Mode] = OperationsRoutes(wire)
        self.push: PushRoutes[Mode] = PushRoutes(wire)
        self.reception: ReceptionRoutes[Mode] = ReceptionRoutes(wire)
        self.sends: SendsRoutes[Mode] = SendsRoutes(wire)
        self.settings: SettingsRoutes[Mode] = SettingsRoutes(wire)
        self.single_messages: SingleMessagesRoutes[Mode] = SingleMessagesRoutes(wire)
        self.statistics: StatisticsRoutes[Mode] = StatisticsRoutes(wire)
        self.surveys: SurveysRoutes[Mode] = SurveysRoutes(wire)
        self.team: TeamRoutes[Mode] = TeamRoutes(wire)
        self.templates: TemplatesRoutes[Mode] = TemplatesRoutes(wire)
        self.voice: VoiceRoutes[Mode] = VoiceRoutes(wire)
        self.webcall: WebcallRoutes[Mode] = WebcallRoutes(wire)
        self.webchat: WebchatRoutes[Mode] = WebchatRoutes(wire)
        self.webhooks: WebhooksRoutes[Mode] = WebhooksRoutes(wire)
