use std::collections::HashMap;

use jiff::Timestamp;
use proptest::prelude::{any, prop, proptest};
use proptest::test_runner::Config;

use super::simulate::{Attack, Report, Simulation, simulate};
use super::{
    CHECKS, CheckPlan, CodeTally, CodeUse, LimitMode, SendLimit, SendLimits, SendPlan, digits,
};

/// Counts, as a store keeps them.
#[derive(Default)]
struct Counts(HashMap<CodeTally, u32>);

impl Counts {
    fn read(&self, tallies: &[CodeTally]) -> Vec<u32> {
        let each = tallies.iter();
        each.map(|tally| self.0.get(tally).copied().unwrap_or_default())
            .collect()
    }

    fn add(&mut self, tally: CodeTally) {
        *self.0.entry(tally).or_default() += 1;
    }

    fn is_known(&self, asked: &CodeUse<'_>) -> bool {
        self.read(&SendPlan::known(asked))
            .iter()
            .any(|count| *count > 0)
    }

    /// Sends a code, if the limits allow it.
    fn send(&mut self, asked: &CodeUse<'_>, limits: SendLimits) -> Result<(), SendLimit> {
        let plan = SendPlan::new(asked, self.is_known(asked), limits);
        let judged = plan.judge(&self.read(&plan.reads()));
        for one in &judged.allowances {
            if self.read(std::slice::from_ref(&one.tally))[0] >= one.most {
                return Err(one.limit);
            }
        }
        for one in judged.allowances {
            self.add(one.tally);
        }
        Ok(())
    }

    fn enter(&mut self, asked: &CodeUse<'_>) {
        let is_known = self.is_known(asked);
        let plan = SendPlan::new(asked, is_known, SendLimits::default());
        let entered = SendPlan::entered(asked, is_known).into_iter();
        for tally in entered.chain(plan.entered_once(asked)) {
            self.add(tally);
        }
    }
}

const DENY: fn() -> SendLimits = || SendLimits {
    mode: LimitMode::Deny,
    ..SendLimits::default()
};

fn at(second: u64) -> Timestamp {
    Timestamp::from_second(1_767_225_600 + second as i64).unwrap()
}

fn asked<'a>(number: &'a str, source: &'a str, second: u64) -> CodeUse<'a> {
    CodeUse {
        number,
        country: "GB",
        source,
        at: at(second),
    }
}

#[test]
fn codes_are_of_the_length_asked_for_and_each_as_likely_as_any_other() {
    let mut chance = fastrand::Rng::with_seed(1);
    let mut seen = [[0_u32; 10]; 6];
    for _ in 0..100_000 {
        let code = digits(6, || chance.u32(..));
        assert_eq!(code.len(), 6);
        for (place, digit) in code.bytes().enumerate() {
            seen[place][usize::from(digit - b'0')] += 1;
        }
    }
    // Chi-square with nine degrees of freedom: 33.7 is passed once in ten thousand.
    for counts in seen {
        let off = counts
            .iter()
            .map(|count| (f64::from(*count) - 10_000.0).powi(2) / 10_000.0);
        assert!(off.sum::<f64>() < 33.7, "{counts:?}");
    }
    assert_eq!(digits(6, || 0), "000000");
}

#[test]
fn numbers_that_would_make_a_digit_likelier_are_drawn_again() {
    let mut drawn = [u32::MAX, u32::MAX - 5, 7].into_iter();
    assert_eq!(digits(1, || drawn.next().unwrap()), "7");
}

#[test]
fn a_number_gets_five_codes_in_ten_minutes_even_where_limits_are_only_recorded() {
    let mut counts = Counts::default();
    let limits = SendLimits::default();
    let sent = |counts: &mut Counts, second| {
        counts.send(
            &asked("+447400123456", &format!("+{second}"), second),
            limits,
        )
    };
    for second in 0..5 {
        assert_eq!(sent(&mut counts, second), Ok(()));
    }
    assert_eq!(sent(&mut counts, 5), Err(SendLimit::NumberTenMinutes));
    // Another number with the same beginning is over the limit of its prefix, which is only recorded.
    assert_eq!(counts.send(&asked("+447400123457", "a", 6), limits), Ok(()));
    assert_eq!(
        counts.send(&asked("+447400123457", "a", 6), DENY()),
        Err(SendLimit::PrefixHour)
    );
    assert_eq!(sent(&mut counts, 1_000), Ok(()));
}

#[test]
fn codes_that_are_entered_count_against_nobody() {
    let mut counts = Counts::default();
    for second in 0..200 {
        let asked = asked("+447400123456", "anne", second * 60);
        assert_eq!(counts.send(&asked, DENY()), Ok(()), "{second}");
        counts.enter(&asked);
    }
}

#[test]
fn whoever_has_proved_a_number_cannot_be_locked_out_of_it_by_others() {
    let mut counts = Counts::default();
    let anne = |second| asked("+447400123456", "anne", second);
    counts.send(&anne(0), DENY()).unwrap();
    counts.enter(&anne(0));
    let mut stranger = (1..2_000).map(|second| {
        let source = format!("b{second}");
        counts.send(
            &asked("+447400123456", &source, second * 60),
            SendLimits::default(),
        )
    });
    assert!(stranger.any(|sent| sent == Err(SendLimit::NumberDay)));
    assert_eq!(
        counts.send(&anne(3_000 * 60), SendLimits::default()),
        Ok(())
    );
}

#[test]
fn a_country_may_have_a_share_of_what_is_entered_there_more() {
    let mut counts = Counts::default();
    let one = |counts: &mut Counts, second: u64, enters: bool| {
        let number = format!("+4474{second:04}0000");
        let asked = asked(&number, &number, second);
        let sent = counts.send(&asked, DENY());
        if enters {
            sent.unwrap();
            counts.enter(&asked);
        }
        sent
    };
    let unentered = |counts: &mut Counts, from: u64| {
        let sent = (from..from + 1_000).take_while(|second| one(counts, *second, false).is_ok());
        sent.count()
    };
    assert_eq!(unentered(&mut counts, 0), 3);
    for second in 2_000..2_500 {
        let number = format!("+4474{second:04}0000");
        counts.enter(&asked(&number, &number, second));
    }
    // 500 entered in the hour: 20 % of them, or a sixth of the day's 100.
    assert_eq!(unentered(&mut counts, 3_000), 100 - 3);
}

#[test]
fn codes_of_a_number_are_compared_ten_times_a_day_and_more_once_one_was_right() {
    let mut counts = Counts::default();
    let limits = SendLimits::default();
    let number = asked("+447400123456", "b", 0);
    let check = |counts: &mut Counts, second: u64| {
        let plan = CheckPlan::new(&number, false, at(second), &limits);
        let (tally, most) = plan.allowance(&counts.read(&plan.reads()));
        let is_left = counts.read(std::slice::from_ref(&tally))[0] < most;
        if is_left {
            counts.add(tally);
        }
        is_left
    };
    let compared = (0..1_000)
        .filter(|second| check(&mut counts, second * 80))
        .count();
    assert_eq!(compared, 10);
    counts.enter(&number);
    assert!(check(&mut counts, 80_100));
    assert_eq!(CheckPlan::of_code(at(0)), (CHECKS, at(600 + 3_600)));
}

proptest! {
    #![proptest_config(Config::with_cases(64))]

    /// Whenever codes are asked for, a number gets no more than five in any ten minutes, ten in any day.
    #[test]
    fn no_ten_minutes_and_no_day_have_more_than_a_number_may_get(
        mut seconds in prop::collection::vec(0_u64..200_000, 1..400),
        begins in any::<u32>(),
    ) {
        seconds.sort_unstable();
        let mut counts = Counts::default();
        let sent = seconds.into_iter().filter(|second| {
            let second = u64::from(begins) + second;
            counts.send(&asked("+447400123456", "b", second), SendLimits::default()).is_ok()
        });
        let sent: Vec<u64> = sent.collect();
        for (place, from) in sent.iter().enumerate() {
            let within = |seconds| sent[place..].iter().filter(|at| **at < from + seconds).count();
            assert!(within(600) <= 5 && within(86_400) <= 10, "{sent:?}");
        }
    }
}

fn played(attack: Attack, limits: SendLimits) -> Report {
    simulate(Simulation {
        seed: 7,
        limits,
        attack,
        people: 200,
        rate: 100,
    })
}

#[test]
fn people_get_their_codes_on_a_day_without_an_attack() {
    let report = played(Attack::None, DENY());
    let people = report.people;
    assert!(people.asked >= 200);
    let refused: u32 = people.refused.values().sum();
    assert!(refused * 50 <= people.asked, "{people:?}");
    assert_eq!(report.attacker.asked, 0);
}

#[test]
fn no_attack_gets_more_codes_than_its_limits_say() {
    // Of 2,400 that are asked for in a day.
    for (attack, most) in [
        (Attack::Range, 10),
        (Attack::Country, 20),
        (Attack::Source, 10),
        (Attack::Number, 10),
        (Attack::Guess, 10),
        (Attack::Home, 60),
    ] {
        let report = played(attack, DENY());
        assert_eq!(report.attacker.asked, 2_400, "{attack:?}");
        assert!(report.attacker.sent <= most, "{attack:?} {report:?}");
        assert!(report.attacker.sent > 0, "{attack:?}");
        let (guesses, compared) = report.guesses;
        assert!(compared <= 10 && (guesses == 0) == (attack != Attack::Guess));
    }
}

#[test]
fn what_is_only_recorded_is_sent_and_told() {
    let report = played(Attack::Country, SendLimits::default());
    let attacker = report.attacker;
    assert_eq!(attacker.sent, attacker.asked);
    let recorded: u32 = attacker.recorded.values().sum();
    assert!(recorded > attacker.asked - 50, "{attacker:?}");
}

#[test]
fn the_same_seed_plays_the_same() {
    assert_eq!(played(Attack::Home, DENY()), played(Attack::Home, DENY()));
}
