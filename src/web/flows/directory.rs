//! What the names in flows stand for where this node runs: telephone numbers and queues that the settings know.

use std::collections::BTreeMap;

use crate::engine::flow::{QueueName, own_name};
use crate::engine::machine::{STREAM, TRANSCRIPTION};
use crate::engine::{Flow, Machine, Sender, fingerprint};
use crate::policy::{NumberUse, Policy};
use crate::settings::{self, Settings};

/// Telephone numbers and queues by name.
#[derive(Clone, Debug)]
pub struct Directory {
    /// Contacts of all flows: a flow's own beat them.
    contacts: BTreeMap<String, String>,
    /// Contacts of single flows, which beat those.
    of_flows: BTreeMap<String, BTreeMap<String, String>>,
    /// Numbers that are called, for flows that name theirs.
    lines: BTreeMap<String, String>,
    /// The services that can be asked, and whether each may get sensitive answers.
    pub(super) services: BTreeMap<String, bool>,
    /// What queues are at the carrier.
    queues: BTreeMap<String, QueueName>,
    /// What connectors are called at the carrier that take payments.
    connectors: BTreeMap<String, String>,
    /// Machines that calls are handed to, or that hear them.
    machines: BTreeMap<String, Machine>,
    /// Who SMS come from.
    senders: BTreeMap<String, Sender>,
    /// Which numbers may be dialled and texted.
    pub policy: Policy,
}

impl Default for Directory {
    /// Nobody is known, and nobody is reached.
    fn default() -> Self {
        Self {
            contacts: BTreeMap::new(),
            of_flows: BTreeMap::new(),
            lines: BTreeMap::new(),
            services: BTreeMap::new(),
            queues: BTreeMap::new(),
            connectors: BTreeMap::new(),
            machines: BTreeMap::new(),
            senders: BTreeMap::new(),
            policy: Policy::open(),
        }
    }
}

impl Directory {
    /// That of the settings.
    pub fn of(settings: &Settings) -> Self {
        Self {
            contacts: settings.contacts.clone(),
            of_flows: settings.flow_contacts.clone(),
            lines: settings.lines.clone(),
            services: settings
                .services
                .iter()
                .map(|(name, service)| (name.clone(), service.trusted))
                .collect(),
            queues: settings.queues.iter().map(queue).collect(),
            connectors: settings.connectors.clone(),
            machines: settings.machines.iter().map(machine).collect(),
            senders: settings.senders.iter().map(sender).collect(),
            policy: settings.policy.clone(),
        }
    }

    /// The same, with these services, and whether each may get sensitive answers.
    #[must_use]
    pub fn with_services<'n>(
        mut self,
        services: impl IntoIterator<Item = (&'n str, bool)>,
    ) -> Self {
        let services = services.into_iter();
        self.services
            .extend(services.map(|(name, trusted)| (name.to_owned(), trusted)));
        self
    }

    /// The same, with these machines.
    #[must_use]
    pub fn with_machines<'n>(
        mut self,
        machines: impl IntoIterator<Item = (&'n str, Machine)>,
    ) -> Self {
        let machines = machines.into_iter();
        self.machines
            .extend(machines.map(|(name, machine)| (name.to_owned(), machine)));
        self
    }

    /// Tells a flow what its names stand for here.
    pub fn tell(&self, flow: &mut Flow) {
        let own = std::mem::take(&mut flow.contacts);
        flow.contacts.clone_from(&self.contacts);
        flow.contacts.extend(own);
        if let Some(more) = self.of_flows.get(&flow.name) {
            flow.contacts.extend(
                more.iter()
                    .map(|(name, number)| (name.clone(), number.clone())),
            );
        }
        flow.queues.clone_from(&self.queues);
        flow.connectors.clone_from(&self.connectors);
        flow.machines.clone_from(&self.machines);
        flow.senders.clone_from(&self.senders);
        for inner in &flow.subflows {
            let full = |name: &String| format!("{}{name}", inner.prefix);
            for (name, number) in &self.contacts {
                let contact = flow.contacts.entry(full(name));
                contact.or_insert_with(|| number.clone());
            }
            let more = self.of_flows.get(&inner.flow).into_iter().flatten();
            let more = more.map(|(name, number)| (full(name), number.clone()));
            flow.contacts.extend(more);
        }
        for (name, number) in &mut flow.lines {
            if let Some(here) = self.lines.get(name) {
                number.clone_from(here);
            }
        }
        if !flow.lines.is_empty() {
            let numbers = flow.lines.iter().map(|(_, number)| number.clone());
            flow.numbers = numbers.collect();
        }
        flow.barred = self.barred(flow);
    }

    /// The numbers that a flow names and that are never reached here.
    fn barred(&self, flow: &Flow) -> Vec<String> {
        let written = flow.steps.iter().flat_map(|step| step.action.numbers());
        let written = written.map(|(number, _)| number);
        let named = flow.contacts.values().map(String::as_str);
        let is_barred = |number: &&str| self.policy.judge(&NumberUse::written(number)).is_err();
        let barred = written.chain(named).filter(is_barred);
        barred.map(str::to_owned).collect()
    }
}

/// What a queue is at the carrier: a workflow by its sid, else a queue by its name.
fn queue((name, there): (&String, &String)) -> (String, QueueName) {
    let is_workflow = there.len() == 34
        && there
            .strip_prefix("WW")
            .is_some_and(|sid| sid.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let at = if is_workflow {
        QueueName::Workflow(there.clone())
    } else {
        QueueName::Queue(there.clone())
    };
    (name.clone(), at)
}

fn sender((name, sender): (&String, &settings::Sender)) -> (String, Sender) {
    let sender = match sender {
        settings::Sender::Number(number) => Sender::Number(number.clone()),
        settings::Sender::Service(sid) => Sender::Service(sid.clone()),
    };
    (name.clone(), sender)
}

fn machine((name, machine): (&String, &settings::Machine)) -> (String, Machine) {
    let machine = match machine.clone() {
        settings::Machine::Relay(socket) => Machine::Relay(socket),
        settings::Machine::Stream(socket) => Machine::Stream(socket),
        settings::Machine::Agent(connector) => Machine::Agent(connector),
        settings::Machine::Transcription(url) => Machine::Transcription(url),
    };
    (name.clone(), machine)
}

/// Gives every contact without a number one that nobody has, so that flows can be tried where no settings say whom they
/// reach: the same for a name everywhere.
pub fn make_up_contacts(flow: &mut Flow) {
    let named = flow.steps.iter().flat_map(|step| step.action.contacts());
    let names: Vec<String> = named.map(|(name, _)| name.to_owned()).collect();
    for name in names {
        // No country has this code.
        let number = format!("+999{:010}", fingerprint(own_name(&name).as_bytes()));
        flow.contacts.entry(name).or_insert(number);
    }
    let named = flow.steps.iter().filter_map(|step| step.action.sender());
    let names: Vec<String> = named.map(|(name, _)| name.to_owned()).collect();
    for name in names {
        let number = format!("+999{:010}", fingerprint(name.as_bytes()));
        flow.senders.entry(name).or_insert(Sender::Number(number));
    }
    let named = flow.steps.iter().filter_map(|step| step.action.machine());
    let all: Vec<_> = named
        .map(|named| (named.name.to_owned(), named.kinds))
        .collect();
    for (name, kinds) in all {
        let made_up = made_up(&name, kinds.first().copied().unwrap_or_default());
        flow.machines.entry(name).or_insert(made_up);
    }
}

/// A machine of a kind that is nowhere (RFC 2606).
fn made_up(name: &str, kind: &str) -> Machine {
    match kind {
        STREAM => Machine::Stream(format!("wss://{name}.invalid/")),
        TRANSCRIPTION => Machine::Transcription(format!("https://{name}.invalid/")),
        _ => Machine::Relay(format!("wss://{name}.invalid/")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Directory, make_up_contacts};
    use crate::engine::tests::phone::{bundle, flow};

    fn names(pairs: &[(&str, &str)]) -> std::collections::BTreeMap<String, String> {
        let pairs = pairs.iter();
        pairs
            .map(|(name, number)| ((*name).to_owned(), (*number).to_owned()))
            .collect()
    }

    #[test]
    fn a_flows_own_contacts_beat_those_of_all_flows_and_those_of_its_name_beat_both() {
        let directory = Directory {
            contacts: names(&[("all", "+11"), ("own", "+12"), ("stage", "+13")]),
            of_flows: [
                ("test".to_owned(), names(&[("stage", "+33")])),
                ("other".to_owned(), names(&[("own", "+99")])),
            ]
            .into(),
            lines: names(&[("english", "+1001"), ("german", "+1002")]),
            ..Directory::default()
        };
        let source = "numbers = { english = \"+2001\", french = \"+2002\" }\n[contacts]\nown = \"+22\"\nstage = \"+23\"\n[steps.a]\ndial = \"own\"\nnext = \"hangup\"\n";
        let mut flow = flow(&bundle(source));
        let before = flow.fingerprint;
        directory.tell(&mut flow);
        let expected = names(&[("all", "+11"), ("own", "+22"), ("stage", "+33")]);
        assert_eq!(flow.contacts, expected);
        assert_eq!(flow.numbers, ["+1001", "+2002"]);
        assert_eq!(flow.line("+1001"), "english");
        assert_eq!(flow.fingerprint, before);
    }

    #[test]
    fn a_contact_that_nobody_knows_gets_a_number_that_nobody_has() {
        let source = "[steps.a]\ndial = \"desk\"\nnext = \"b\"\n[steps.b]\ndial = \"own\"\nnext = \"hangup\"\n[contacts]\nown = \"+22\"\n";
        let mut flow = flow(&bundle(source));
        make_up_contacts(&mut flow);
        assert!(crate::written::number::is_e164(&flow.contacts["desk"]));
        assert!(flow.contacts["desk"].starts_with("+999"));
        assert_eq!(flow.contacts["own"], "+22");
    }
}
