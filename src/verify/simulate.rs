//! Plays attacks against the limits, in a time of its own: how many codes go out, what they cost, and how many people are
//! refused who mean no harm.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::time::Duration;

use jiff::Timestamp;

use super::{CheckPlan, CodeTally, CodeUse, LIFE, SendLimit, SendLimits, SendPlan};

/// What whoever attacks is after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attack {
    /// Nobody attacks.
    None,
    /// To be paid for texts to a rented block of numbers abroad: many callers, one block.
    Range,
    /// The same with any numbers of one country.
    Country,
    /// The same from one caller, to many countries.
    Source,
    /// The same with numbers of the country where people call from.
    Home,
    /// To flood one number.
    Number,
    /// To guess a code of one number.
    Guess,
}

impl Attack {
    /// Each of them.
    pub const ALL: [Self; 7] = [
        Self::None,
        Self::Range,
        Self::Country,
        Self::Source,
        Self::Home,
        Self::Number,
        Self::Guess,
    ];

    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Range => "range",
            Self::Country => "country",
            Self::Source => "source",
            Self::Home => "home",
            Self::Number => "number",
            Self::Guess => "guess",
        }
    }

    /// The attack of a word.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|attack| attack.as_str() == name)
    }
}

/// What is played.
#[derive(Clone, Copy, Debug)]
pub struct Simulation {
    /// The same seed plays the same.
    pub seed: u64,
    /// The limits.
    pub limits: SendLimits,
    /// The attack, on the last day.
    pub attack: Attack,
    /// People a day who want to prove their number: on each day of the fortnight before, and on the last.
    pub people: u32,
    /// Codes that the attack asks for in an hour.
    pub rate: u32,
}

/// What became of the codes that somebody asked for, on the last day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Party {
    /// Codes asked for.
    pub asked: u32,
    /// Those that were sent.
    pub sent: u32,
    /// Those that were not, by limit.
    pub refused: BTreeMap<&'static str, u32>,
    /// Those that were sent although they were over a limit, which was only recorded.
    pub recorded: BTreeMap<&'static str, u32>,
    /// Those that were entered, or guessed.
    pub entered: u32,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// People who mean no harm.
    pub people: Party,
    /// Whoever attacks.
    pub attacker: Party,
    /// Guesses, and those that were compared.
    pub guesses: (u32, u32),
}

/// The days before the attack.
const BEFORE: u64 = 14;
const DAY: u64 = 86_400;
/// Of a hundred people so many enter the code that they get.
const ENTER: u32 = 92;
/// Guesses of each code.
const GUESSES: u32 = 8;
const HOME: &str = "GB";

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    Ask,
    Enter,
}

/// Something that happens at a moment: ordered by it, then by what was planned first.
type Happening = (u64, u64, Act, Who);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Who {
    number: String,
    country: String,
    source: String,
    is_attacker: bool,
    /// When codes were sent to them, in milliseconds.
    sent: Vec<i64>,
}

struct World {
    simulation: Simulation,
    chance: fastrand::Rng,
    counts: HashMap<CodeTally, u32>,
    countries: HashMap<CodeTally, Option<SendLimit>>,
    queue: BinaryHeap<Reverse<Happening>>,
    planned: u64,
    report: Report,
}

/// Plays it.
pub fn simulate(simulation: Simulation) -> Report {
    let mut world = World {
        simulation,
        chance: fastrand::Rng::with_seed(simulation.seed),
        counts: HashMap::new(),
        countries: HashMap::new(),
        queue: BinaryHeap::new(),
        planned: 0,
        report: Report::default(),
    };
    world.plan();
    let mut tidied = 0;
    while let Some(Reverse((second, _, act, who))) = world.queue.pop() {
        let at = moment(second);
        if second / DAY > tidied {
            tidied = second / DAY;
            world.counts.retain(|tally, _| tally.until > at);
        }
        match act {
            Act::Ask => world.ask(who, second),
            Act::Enter => world.enter(&who, second),
        }
    }
    world.report
}

/// A moment of it: it begins on a day of no importance.
fn moment(second: u64) -> Timestamp {
    const BEGIN: i64 = 1_767_225_600;
    Timestamp::from_second(BEGIN + second as i64).unwrap_or_default()
}

impl World {
    /// Who asks, and when.
    fn plan(&mut self) {
        for day in 0..=BEFORE {
            for _ in 0..self.simulation.people {
                let who = self.person();
                let second = day * DAY + self.chance.u64(..DAY);
                self.push(second, Act::Ask, who);
            }
        }
        if self.simulation.attack == Attack::None {
            return;
        }
        for nth in 0..self.simulation.rate.saturating_mul(24) {
            let who = self.attacker(nth);
            let second = BEFORE * DAY + self.chance.u64(..DAY);
            self.push(second, Act::Ask, who);
        }
    }

    fn push(&mut self, second: u64, act: Act, who: Who) {
        self.planned += 1;
        self.queue.push(Reverse((second, self.planned, act, who)));
    }

    fn person(&mut self) -> Who {
        let abroad = [("FR", "+336"), ("DE", "+4915"), ("PL", "+485")];
        let (country, begins) = if self.chance.u32(..100) < 95 {
            (HOME, "+4474")
        } else {
            abroad[self.chance.usize(..abroad.len())]
        };
        let number = self.number(begins);
        Who {
            source: number.clone(),
            number,
            country: country.to_owned(),
            is_attacker: false,
            sent: Vec::new(),
        }
    }

    fn number(&mut self, begins: &str) -> String {
        format!("{begins}{:08}", self.chance.u32(..100_000_000))
    }

    fn attacker(&mut self, nth: u32) -> Who {
        let victim = "+447400123456".to_owned();
        let abroad = format!("+{}", 200 + nth % 90);
        let (number, country) = match self.simulation.attack {
            Attack::Range => (format!("+23276123{:04}", self.chance.u32(..10_000)), "SL"),
            Attack::Country => (self.number("+2327"), "SL"),
            Attack::Source => (self.number(&abroad), abroad.as_str()),
            Attack::Home => (self.number("+4475"), HOME),
            Attack::None | Attack::Number | Attack::Guess => (victim, HOME),
        };
        let source = match self.simulation.attack {
            Attack::Source => "+447400999999".to_owned(),
            _ => self.number("+4477"),
        };
        Who {
            number,
            country: country.to_owned(),
            source,
            is_attacker: true,
            sent: Vec::new(),
        }
    }

    fn party(&mut self, who: &Who) -> &mut Party {
        if who.is_attacker {
            &mut self.report.attacker
        } else {
            &mut self.report.people
        }
    }

    fn count_of(&self, tally: &CodeTally) -> u32 {
        self.counts.get(tally).copied().unwrap_or_default()
    }

    fn add(&mut self, tally: CodeTally) {
        *self.counts.entry(tally).or_default() += 1;
    }

    fn is_known(&self, asked: &CodeUse<'_>) -> bool {
        let known = SendPlan::known(asked);
        known.iter().any(|tally| self.count_of(tally) > 0)
    }

    /// Somebody asks for a code.
    fn ask(&mut self, mut who: Who, second: u64) {
        let is_counted = second >= BEFORE * DAY;
        let (result, over) = self.send(&who.of(moment(second)));
        if is_counted {
            let party = self.party(&who);
            party.asked += 1;
            match (result, over) {
                (Err(limit), _) => *party.refused.entry(limit.as_str()).or_default() += 1,
                (Ok(()), Some(limit)) => {
                    party.sent += 1;
                    *party.recorded.entry(limit.as_str()).or_default() += 1;
                }
                (Ok(()), None) => party.sent += 1,
            }
        }
        if result.is_err() {
            return;
        }
        who.sent.push(moment(second).as_millisecond());
        if who.is_attacker {
            if self.simulation.attack == Attack::Guess {
                self.guess(&who, second);
            }
        } else if self.chance.u32(..100) < ENTER {
            let after = self.chance.u64(10..60);
            self.push(second + after, Act::Enter, who);
        } else if who.sent.len() == 1 {
            let after = self.chance.u64(60..180);
            self.push(second + after, Act::Ask, who);
        }
    }

    /// Sends a code where the limits allow it. The limit that it is over, too, where that is only recorded.
    fn send(&mut self, asked: &CodeUse<'_>) -> (Result<(), SendLimit>, Option<SendLimit>) {
        let plan = SendPlan::new(asked, self.is_known(asked), self.simulation.limits);
        let counts: Vec<u32> = plan
            .reads()
            .iter()
            .map(|tally| self.count_of(tally))
            .collect();
        let country = plan.country_allowance(&counts);
        let name = plan.country_name();
        let met = match self.countries.get(&name) {
            Some(known) => *known,
            None => {
                let met = (self.count_of(&country.tally) >= country.most).then_some(country.limit);
                if met.is_none() {
                    self.add(country.tally);
                }
                self.countries.insert(name, met);
                met
            }
        };
        let judged = plan.judge(&counts);
        let over = judged.over.or(met);
        let kept = met.filter(|_| self.simulation.limits.mode == super::LimitMode::Deny);
        let full = judged.allowances.iter();
        let mut full = full.filter(|one| self.count_of(&one.tally) >= one.most);
        if let Some(limit) = kept.or_else(|| full.next().map(|one| one.limit)) {
            return (Err(limit), over);
        }
        for one in judged.allowances {
            self.add(one.tally);
        }
        (Ok(()), over)
    }

    /// Somebody enters the code that they got.
    fn enter(&mut self, who: &Who, second: u64) {
        let now = who.of(moment(second));
        let is_known = self.is_known(&now);
        for sent in &who.sent {
            let at = Timestamp::from_millisecond(*sent).unwrap_or_default();
            for tally in SendPlan::entered(&who.of(at), is_known) {
                self.add(tally);
            }
        }
        let plan = SendPlan::new(&now, is_known, self.simulation.limits);
        for tally in plan.entered_once(&now) {
            self.add(tally);
        }
        let [_, country] = plan.entered_country();
        self.add(country);
        if second >= BEFORE * DAY {
            self.party(who).entered += 1;
        }
    }

    /// Somebody guesses the code that another got.
    fn guess(&mut self, who: &Who, second: u64) {
        let (at, mut tries) = (moment(second), 0);
        let asked = who.of(at);
        let (most, _) = CheckPlan::of_code(at);
        for _ in 0..GUESSES {
            self.report.guesses.0 += 1;
            let now = at + Duration::from_secs(self.chance.u64(..LIFE.as_secs()));
            let plan = CheckPlan::new(&asked, self.is_known(&asked), now, &self.simulation.limits);
            let counts: Vec<u32> = plan
                .reads()
                .iter()
                .map(|tally| self.count_of(tally))
                .collect();
            let (tally, left) = plan.allowance(&counts);
            if tries >= most || self.count_of(&tally) >= left {
                continue;
            }
            tries += 1;
            self.add(tally);
            self.report.guesses.1 += 1;
            self.report.attacker.entered += u32::from(self.chance.u32(..1_000_000) == 0);
        }
    }
}

impl Who {
    fn of(&self, at: Timestamp) -> CodeUse<'_> {
        CodeUse {
            number: &self.number,
            country: &self.country,
            source: &self.source,
            at,
        }
    }
}
