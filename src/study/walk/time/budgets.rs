//! What the author allows calls to take (`[check]`), and which step or call takes more.

use std::collections::BTreeSet;
use std::ops::Range;

use super::super::Walk;
use super::step_time::StepTimes;
use super::stretch::{Stretch, Stretches};
use super::sweep::order_of;
use super::{Length, Prices, Time, of_map, told, words};
use crate::engine::diag::{Diag, Example, Shows};
use crate::engine::ids::StepId;
use crate::twiml::Pace;
use crate::written::{Code, Explain};

/// The most steps of a call that are named.
const MAX_NAMES: usize = 8;

impl Walk<'_> {
    /// Reports replies that are too large, and what is over a budget.
    pub(in super::super) fn time_is_kept(
        &mut self,
        pace: &dyn Pace,
        prices: Option<&Prices>,
        times: &StepTimes,
    ) {
        let order = order_of(&self.map);
        let stretches = Stretches::of(&self.map, times, &order);
        self.large_replies(&stretches, pace.most_bytes());
        self.full_menus(times);
        self.long_prompts(&stretches);
        self.late_keys(&stretches);
        let demands = &self.flow().demands;
        let is_priced = demands.call_cost.is_some() && prices.is_some();
        if demands.longest_call.is_some() || demands.typical_call.is_some() || is_priced {
            let time = of_map(&self.map, times, &order, &stretches, pace);
            self.long_calls(&time);
            if let Some(prices) = prices {
                self.dear_calls(&time, prices);
            }
        }
    }

    /// Replies that the carrier does not take, at the step that is too much.
    fn large_replies(&mut self, stretches: &Stretches, most: u64) {
        let mut known = BTreeSet::new();
        for stretch in stretches
            .all
            .iter()
            .filter(|stretch| stretch.before.bytes <= most && stretch.bytes > most)
        {
            if !known.insert(stretch.step) {
                continue;
            }
            let message = format!(
                "with `{}` this reply has {} bytes, and the carrier takes {most}",
                self.name(stretch.step),
                stretch.bytes
            );
            let diag = Diag::new(Code::ReplyTooLarge, self.step_place(stretch.step), message)
                .help("put a question between, or shorten the prompts: what is too long is cut");
            self.tell(diag);
        }
    }

    fn full_menus(&mut self, times: &StepTimes) {
        let Some((most, named)) = self.flow().demands.menu_options.clone() else {
            return;
        };
        for step in self.reached() {
            let options = times.options[usize::from(step)];
            if options <= most as usize {
                continue;
            }
            let message = format!(
                "`{}` has {options} keys, and a menu may have {most}",
                self.name(step)
            );
            let diag = Diag::new(Code::MenuTooFull, self.step_place(step), message)
                .help("make two menus of it, or leave keys out: nobody remembers that many");
            self.over(diag, named.clone());
        }
    }

    fn long_prompts(&mut self, stretches: &Stretches) {
        let Some((most, named)) = self.flow().demands.prompt_words.clone() else {
            return;
        };
        let is_over = |stretch: &&Stretch| {
            words(stretch.before.half_words) <= u64::from(most)
                && words(stretch.whole.half_words) > u64::from(most)
        };
        let mut known = BTreeSet::new();
        for stretch in stretches.all.iter().filter(is_over) {
            if !known.insert(stretch.step) {
                continue;
            }
            let name = self.name(stretch.step);
            let since = match (stretch.before.half_words, stretch.is_again) {
                (_, true) => format!("put again, `{name}` says"),
                (0, false) => format!("`{name}` says"),
                (_, false) => format!("with `{name}` the caller hears"),
            };
            let heard = words(stretch.whole.half_words);
            let message = format!("{since} {heard} words in one go, and {most} are allowed");
            let diag = Diag::new(Code::PromptTooLong, self.step_place(stretch.step), message)
                .help("shorten the prompt, or ask something before it goes on");
            self.over(diag, named.clone());
        }
    }

    fn late_keys(&mut self, stretches: &Stretches) {
        let Some((most, named)) = self.flow().demands.first_key.clone() else {
            return;
        };
        let mut known = BTreeSet::new();
        for (step, lasts) in stretches.first.iter().rev() {
            if *lasts <= most || !known.insert(*step) {
                continue;
            }
            let message = format!(
                "a caller waits {} until `{}` has told the first key, and {} are allowed",
                told(*lasts),
                self.name(*step),
                told(most)
            );
            let diag = Diag::new(Code::FirstKeyLate, self.step_place(*step), message).help(
                "say less before the first key, or name the key that most callers press first",
            );
            self.over(diag, named.clone());
        }
    }

    fn long_calls(&mut self, time: &Time) {
        let demands = &self.flow().demands;
        let both = [
            ("longest", demands.longest_call.clone(), time.longest()),
            (
                "typical",
                demands.typical_call.clone(),
                Some(&time.typical.0),
            ),
        ];
        for (which, allowed, length) in both {
            let (Some((most, named)), Some(length)) = (allowed, length) else {
                continue;
            };
            if length.lasts <= most {
                continue;
            }
            let message = format!(
                "the {which} call takes {}, and {} are allowed: {}",
                told(length.lasts),
                told(most),
                self.names(length)
            );
            let help = match which {
                "longest" => "shorten prompts, or lower `timeout`, `attempts` or how long it rings",
                _ => "shorten prompts, or ask less",
            };
            let mut diag = Diag::new(Code::CallTooLong, self.place(named), message).help(help);
            if let Some((step, lasts)) = length.slowest {
                diag = diag.also(
                    self.step_place(step),
                    format!("{} of it are spent here", told(lasts)),
                );
            }
            self.over_call(diag, length, Shows::Longer(most.as_secs()));
        }
    }

    fn dear_calls(&mut self, time: &Time, prices: &Prices) {
        let Some((most, named)) = self.flow().demands.call_cost.clone() else {
            return;
        };
        let Some(length) = time.longest().filter(|length| length.cost(prices) > most) else {
            return;
        };
        let money = |amount| prices.told(amount);
        let message = format!(
            "the longest call costs {}, and {} are allowed; the typical one costs {}",
            money(length.cost(prices)),
            money(most),
            money(time.typical.0.cost(prices))
        );
        let diag = Diag::new(Code::CallTooDear, self.place(named), message)
            .help("make it shorter; where the prices are not your carrier's, mend `[prices]` in the settings");
        self.over_call(diag, length, Shows::Cost);
    }

    fn over(&mut self, diag: Diag, named: Range<usize>) {
        let diag = diag.also(self.place(named), "it is demanded here");
        self.tell(diag);
    }

    fn over_call(&mut self, diag: Diag, length: &Length, shows: Shows) {
        let diag = diag.shown_by(Example {
            fields: length.fields.clone(),
            acts: length.acts.clone(),
            then: Vec::new(),
            shows,
            at: None,
        });
        self.tell(diag);
    }

    /// The steps that a call comes to.
    fn reached(&self) -> BTreeSet<StepId> {
        self.map.moments.iter().map(|moment| moment.step).collect()
    }

    /// The steps of a call by name.
    fn names(&self, length: &Length) -> String {
        let name = |step: &StepId| format!("`{}`", self.name(*step));
        if length.steps.len() <= MAX_NAMES {
            return length.steps.iter().map(name).collect::<Vec<_>>().join(", ");
        }
        let (first, last) = length.steps.split_at(MAX_NAMES - 1);
        let shown: Vec<String> = first.iter().map(name).collect();
        let end = last.last().map(name).unwrap_or_default();
        format!("{}, … ({} more), {end}", shown.join(", "), last.len() - 1)
    }
}
