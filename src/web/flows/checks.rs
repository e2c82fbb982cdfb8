//! What a flow needs besides its own file: sound manifests, configured backends, numbers of its own, and ways that lead
//! somewhere.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use super::Folders;
use super::folder::{Source, Sources};
use crate::audio::{Library, Manifest, Recording};
use crate::engine::diag::{Diag, Place, nearest};
use crate::engine::flow::{FlowFile, own_name};
use crate::engine::load::Loaded;
use crate::engine::machine::MachineNamed;
use crate::engine::{Flow, Slot};
use crate::policy::{Policy, Reach};
use crate::study::walk::walk;
use crate::twiml::CarrierPace;
use crate::written::diag::once_a_line;
use crate::written::number::canonical;
use crate::written::{Code, Explain};

/// A manifest that is no TOML: what was read of it may not be what was meant.
pub(super) fn broken(manifest: &Manifest) -> Option<(String, Place)> {
    let fault = manifest
        .faults
        .iter()
        .find(|fault| [Code::ManifestSyntax, Code::ManifestTooLarge].contains(&fault.code))?;
    let file = manifest.file.display().to_string().into();
    Some((
        manifest.language.clone(),
        Place {
            file,
            span: fault.span.clone(),
        },
    ))
}

/// A flow that loads, but with prompts of a manifest that is broken.
pub(super) fn unsure_of_prompts(source: &Source, broken: &BTreeMap<String, Place>) -> Option<Diag> {
    let mut used = source
        .loaded
        .as_ref()
        .ok()?
        .bundle
        .catalogues
        .iter()
        .filter(|catalogue| !catalogue.entries.is_empty());
    let place = used.find_map(|catalogue| broken.get(&catalogue.language))?;
    let message = format!(
        "the flow `{}` has prompts here, and what was read may not be what was meant",
        source.name
    );
    Some(Diag::new(Code::ManifestBroken, place.clone(), message).help("mend the fault of syntax"))
}

/// Adds what is wrong with the ways through a flow.
pub(super) fn look_at_ways(
    source: &mut Source,
    recordings: &HashMap<Arc<str>, Recording>,
    folders: &Folders,
) {
    let Ok(loaded) = &mut source.loaded else {
        return;
    };
    let ear = ear(recordings);
    let ways = walk(
        &loaded.flow,
        &loaded.bundle.file,
        &ear,
        folders.prices.as_ref(),
    );
    let ways = once_a_line(ways, &loaded.bundle.file, &loaded.bundle.source);
    loaded.warnings.extend(ways);
    // Any backend is accepted where there are no settings to check it against.
    let unpriced = folders.backends.is_some() && folders.prices.is_none();
    if let Some((_, span)) = loaded.flow.demands.call_cost.as_ref().filter(|_| unpriced) {
        let place = Place {
            file: loaded.bundle.file.clone(),
            span: span.clone(),
        };
        let message = "no prices are known, so nobody can say what a call costs";
        let help = "add `[prices]` with `currency` and `minute` to the settings, as your carrier bills them";
        loaded
            .warnings
            .push(Diag::new(Code::PricesMissing, place, message).help(help));
    }
}

/// How long recordings and words last.
pub(super) fn ear(
    recordings: &HashMap<Arc<str>, Recording>,
) -> CarrierPace<impl Fn(&str) -> Option<Duration>> {
    CarrierPace::new(|path: &str| recordings.get(path).map(|recording| recording.lasts))
}

pub(super) fn unknown_backends(flow: &Flow, known: &[String], file: &Arc<str>) -> Vec<Diag> {
    let used = flow.steps.iter().filter_map(|step| step.action.backend());
    let unknown = used.filter(|(name, _)| !known.iter().any(|other| other == name));
    let diag = |(name, span): (&str, std::ops::Range<usize>)| {
        let place = flow.place(file, span);
        let near = nearest(name, known.iter().map(String::as_str));
        let help = near.map_or_else(
            || format!("add `[backends.{name}]` with its `url` to the settings"),
            |near| format!("did you mean `{near}`? else add `[backends.{name}]` with its `url` to the settings"),
        );
        Diag::new(
            Code::BackendUnknown,
            place,
            format!("no backend named `{name}` is set up"),
        )
        .help(help)
    };
    unknown.map(diag).collect()
}

/// Services that the settings do not know, or that get a sensitive answer and are not trusted with any.
pub(super) fn unfit_services(
    flow: &Flow,
    known: &BTreeMap<String, bool>,
    file: &Arc<str>,
) -> Vec<Diag> {
    let used = flow.steps.iter().filter_map(|step| step.action.service());
    let diag = |(name, span, sends): (&str, Range<usize>, Vec<Slot>)| {
        let place = flow.place(file, span);
        let Some(trusted) = known.get(name) else {
            let near = nearest(name, known.keys().map(String::as_str));
            let add = format!("add `[services.{name}]` with its `url` to the settings");
            let help = near.map_or_else(
                || add.clone(),
                |near| format!("did you mean `{near}`? else {add}"),
            );
            let message = format!("no service named `{name}` is set up");
            return Some(Diag::new(Code::ServiceUnknown, place, message).help(help));
        };
        let secret = sends.into_iter().find(|slot| flow.is_sensitive(*slot))?;
        let message = format!(
            "`{}` is sensitive, and the service `{name}` is not trusted with such answers",
            flow.written_name(secret)
        );
        let help = format!(
            "add `trusted = true` to `[services.{name}]` of the settings, if it may get them"
        );
        (!trusted).then(|| Diag::new(Code::ServiceUntrusted, place, message).help(help))
    };
    used.filter_map(diag).collect()
}

/// A number that two flows claim goes to the first; the second is out of service.
pub(super) fn one_flow_a_number(flows: &mut [Source]) {
    let mut taken: HashMap<String, String> = HashMap::new();
    for source in flows {
        let Ok(loaded) = &source.loaded else { continue };
        let clash = loaded
            .flow
            .numbers
            .iter()
            .find_map(|number| Some((number, taken.get(&canonical(number))?)));
        if let Some((number, owner)) = clash {
            let at = loaded.bundle.source.find(number.as_str()).unwrap_or(0);
            let place = Place {
                file: loaded.bundle.file.clone(),
                span: at..at + number.len(),
            };
            let diag = Diag::new(
                Code::NumberTwice,
                place,
                format!("`{number}` belongs to the flow `{owner}` already"),
            )
            .help("a number leads to one flow: take it out of one of the two");
            source.loaded = Err(vec![diag]);
            continue;
        }
        taken.extend(
            loaded
                .flow
                .numbers
                .iter()
                .map(|number| (canonical(number), source.name.clone())),
        );
    }
}

/// Prompts of the manifests that no flow says, and manifests in a language that no flow speaks. Asked only of all flows
/// together, none of which has faults: else what says a prompt may not have been read.
pub(super) fn unsaid_prompts(flows: &[Source], library: &Library) -> Vec<Diag> {
    let loaded: Option<Vec<&Loaded>> = flows.iter().map(|flow| flow.loaded.as_ref().ok()).collect();
    let Some(loaded) = loaded.filter(|loaded| !loaded.is_empty()) else {
        return Vec::new();
    };
    let mut diags = Vec::new();
    for manifest in library
        .manifests
        .values()
        .filter(|manifest| manifest.faults.is_empty())
    {
        let file: Arc<str> = manifest.file.display().to_string().into();
        let place = |span| Place {
            file: Arc::clone(&file),
            span,
        };
        let spoken = |flow: &&&Loaded| {
            let mut languages = flow.flow.languages.iter();
            languages.any(|language| *language.tag == *manifest.language)
        };
        let speaking: Vec<_> = loaded.iter().filter(spoken).collect();
        if speaking.is_empty() {
            let message = format!("no flow speaks `{}`", manifest.language);
            let diag = Diag::new(Code::LanguageUnused, place(0..0), message);
            diags.push(diag.help(
                "name the file after a language of a flow, or add the language to `[languages]` of one",
            ));
            continue;
        }
        let said: BTreeSet<&str> = speaking
            .iter()
            .flat_map(|flow| &flow.bundle.catalogues)
            .filter(|catalogue| catalogue.language == manifest.language)
            .flat_map(|catalogue| catalogue.entries.keys().map(String::as_str))
            .collect();
        let unsaid = manifest.entries.iter();
        for (id, entry) in unsaid.filter(|(id, _)| !said.contains(id.as_str())) {
            let message = format!("no flow says the prompt `@{id}`");
            let diag = Diag::new(Code::PromptUnused, place(entry.span.clone()), message);
            diags.push(diag.help(format!("say it, `\"@{id}\"`, or take it out")));
        }
    }
    diags
}

/// Contacts that stand for no number, neither in the flow nor in the settings.
pub(super) fn unknown_contacts(flow: &Flow, file: &Arc<str>) -> Vec<Diag> {
    let used = flow.steps.iter().flat_map(|step| step.action.contacts());
    let unknown = used.filter(|(name, _)| !flow.contacts.contains_key(*name));
    let diag = |(name, span): (&str, std::ops::Range<usize>)| {
        let place = flow.place(file, span);
        let near = nearest(name, flow.contacts.keys().map(String::as_str)).map(own_name);
        let name = own_name(name);
        let add = format!("`[contacts]` `{name} = \"+…\"`, here or in the settings");
        let help = near.map_or_else(
            || format!("add {add}"),
            |near| format!("did you mean `{near}`? else add {add}"),
        );
        let message = format!("no contact is named `{name}`");
        Diag::new(Code::ContactUnknown, place, message).help(help)
    };
    unknown.map(diag).collect()
}

/// Contacts that stand for a number of the flow itself.
pub(super) fn own_contacts(flow: &Flow, file: &Arc<str>) -> Vec<Diag> {
    let used = flow.steps.iter().flat_map(|step| step.action.contacts());
    let diag = |(name, span): (&str, std::ops::Range<usize>)| {
        let number = canonical(flow.contacts.get(name)?);
        let own = flow.numbers.iter().find(|own| canonical(own) == number)?;
        let place = flow.place(file, span);
        let name = own_name(name);
        let message = format!("`{name}` is `{own}`, a number of this flow: it calls itself");
        let help = "dial the number of a person; to begin again lead `next` to the first step";
        Some(Diag::new(Code::DialOwnNumber, place, message).help(help))
    };
    used.filter_map(diag).collect()
}

/// Senders that the settings do not know.
pub(super) fn unknown_senders(flow: &Flow, file: &Arc<str>) -> Vec<Diag> {
    let used = flow.steps.iter().filter_map(|step| step.action.sender());
    let unknown = used.filter(|(name, _)| !flow.senders.contains_key(*name));
    let diag = |(name, span): (&str, Range<usize>)| {
        let near = nearest(name, flow.senders.keys().map(String::as_str));
        let add = format!("`[senders]` `{name} = \"+…\"` to the settings");
        let help = near.map_or_else(
            || format!("add {add}"),
            |near| format!("did you mean `{near}`? else add {add}"),
        );
        let message = format!("no sender is named `{name}`");
        Diag::new(Code::SenderUnknown, flow.place(file, span), message).help(help)
    };
    unknown.map(diag).collect()
}

/// Machines that the settings do not know, or that are of another kind than the step needs.
pub(super) fn unknown_machines(flow: &Flow, file: &Arc<str>) -> Vec<Diag> {
    let used = flow.steps.iter().filter_map(|step| step.action.machine());
    let diag = |named: MachineNamed<'_>| {
        let place = flow.place(file, named.at);
        let (name, kinds) = (named.name, named.kinds.join(" or "));
        let Some(machine) = flow.machines.get(name) else {
            let near = nearest(name, flow.machines.keys().map(String::as_str));
            let add = format!(
                "add `[machines.{name}]` with `kind = \"{kinds}\"` and `at` to the settings"
            );
            let help = near.map_or_else(
                || add.clone(),
                |near| format!("did you mean `{near}`? else {add}"),
            );
            let message = format!("no machine named `{name}` is set up");
            return Some(Diag::new(Code::MachineUnknown, place, message).help(help));
        };
        let is_right = named.kinds.contains(&machine.kind());
        let message = format!(
            "`{name}` is a {}, and a {kinds} is needed here",
            machine.kind()
        );
        let help = "name another machine of the settings (`[machines]`)";
        (!is_right).then(|| Diag::new(Code::MachineUnknown, place, message).help(help))
    };
    used.filter_map(diag).collect()
}

/// Steps that reach a number which the policy of the settings never lets them reach.
pub(super) fn refused_numbers(flow: &Flow, file: &Arc<str>, policy: &Policy) -> Vec<Diag> {
    let mut diags = Vec::new();
    for (step, place) in flow.steps.iter().zip(&flow.places.steps) {
        let contacts = step.action.contacts().into_iter();
        let contacts =
            contacts.filter_map(|(name, at)| Some((flow.contacts.get(name)?.as_str(), at)));
        for (number, at) in step.action.numbers().into_iter().chain(contacts) {
            if flow.barred.iter().any(|barred| barred == number) {
                let message = format!("`{number}` is a premium number, which is never reached");
                let diag = Diag::new(Code::NumberRefused, flow.place(file, at), message);
                diags.push(diag.help("name a number that costs no more than the connection"));
            }
        }
        // What is written out or a contact is reached all the same.
        let is_named = step.action.contacts().len() + step.action.numbers().len() > 0;
        let reach = step.action.asks_permit();
        let reach = reach.filter(|reach| *reach == Reach::Dial || !is_named);
        if let Some(reach) = reach.filter(|reach| policy.reaches_none(*reach)) {
            let word = reach.as_str();
            let message = format!(
                "`{}` reaches nobody: no country is in `policy.{word}`",
                own_name(&step.name)
            );
            let place = flow.place(file, place.clone());
            let help = format!(
                "add to the settings what may be reached, as in `[policy]` `{word} = [\"called\"]`"
            );
            diags.push(Diag::new(Code::NumberRefused, place, message).help(help));
        }
    }
    diags
}

/// What is wrong in a flow that others go through is told with that flow, and not with each of them again.
pub(super) fn told_once(flows: &mut [Source]) {
    let told: HashSet<(Code, Arc<str>, Range<usize>)> = flows
        .iter()
        .flat_map(|flow| diags(flow).iter().map(move |diag| (flow, diag)))
        .filter(|(flow, diag)| is_own(flow, diag))
        .map(|(_, diag)| place(diag))
        .collect();
    let mut seen = HashSet::new();
    for flow in flows {
        let own = own_file(flow);
        let mut is_new = |diag: &Diag| {
            let is_own = own.as_ref().is_none_or(|own| *own == diag.at.file);
            is_own || !told.contains(&place(diag)) && seen.insert(place(diag))
        };
        // Of a flow that does not load something is told in any case.
        if let Ok(loaded) = &mut flow.loaded {
            loaded.warnings.retain(|diag| is_new(diag));
        }
    }
}

/// Adds the texts of flows in which something was found, and which were not looked at themselves.
pub(super) fn add_texts(sources: &mut Sources, flows: &BTreeMap<String, FlowFile>) {
    let by_file: HashMap<&Arc<str>, &FlowFile> =
        flows.values().map(|flow| (&flow.file, flow)).collect();
    let diags = sources.flows.iter().flat_map(diags);
    let files = diags.flat_map(|diag| {
        let also = diag.also.as_ref().map(|(place, _)| &place.file);
        std::iter::once(&diag.at.file).chain(also)
    });
    for file in files {
        if let Some(flow) = by_file.get(file) {
            let texts = &mut sources.texts;
            texts
                .entry(Arc::clone(file))
                .or_insert_with(|| flow.source.to_string());
        }
    }
}

fn diags(flow: &Source) -> &[Diag] {
    match &flow.loaded {
        Ok(loaded) => &loaded.warnings,
        Err(diags) => diags,
    }
}

fn own_file(flow: &Source) -> Option<Arc<str>> {
    let loaded = flow.loaded.as_ref().ok()?;
    Some(Arc::clone(&loaded.bundle.file))
}

fn is_own(flow: &Source, diag: &Diag) -> bool {
    own_file(flow).is_none_or(|own| own == diag.at.file)
}

fn place(diag: &Diag) -> (Code, Arc<str>, Range<usize>) {
    (diag.code, Arc::clone(&diag.at.file), diag.at.span.clone())
}
