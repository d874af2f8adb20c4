/** Texts of the desk, a file for each area; their first keys differ. */
import appointments from "./appointments.json";
import audit from "./audit.json";
import desk from "./desk.json";
import settings from "./settings.json";
import routing from "./routing.json";
import people from "./people.json";
import floor from "./floor.json";
import channels from "./channels.json";
import mail from "./mail.json";
import comfort from "./comfort.json";
import operations from "./operations.json";
import refusals from "./refusals.json";
import team from "./team.json";
import sends from "./sends.json";
import systems from "./systems.json";
import surveyed from "./surveyed.json";
import intents from "./intents.json";
import left from "./left.json";
import knowledge from "./knowledge.json";
import tried from "./tried.json";
import welcome from "./welcome.json";

export default { ...appointments, ...audit, ...desk, ...settings, ...routing, ...people, ...floor, ...channels, ...comfort, ...mail, ...operations, ...refusals, ...team, ...sends, ...systems, ...surveyed, ...left, ...knowledge, ...tried, ...welcome, ...intents };
