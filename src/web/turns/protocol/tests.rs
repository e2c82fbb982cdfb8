//! The table of the protocol, a row a test; `orders` plays every order of every message.

#![expect(
    clippy::too_many_lines,
    reason = "a scenario or a table is read from top to bottom"
)]

mod orders;

use jiff::Timestamp;

use super::{
    CallPosition, Decision, EntryPoint, KnownCall, REMEMBERED, RETRIES, RepeatReason, TurnRef,
    TurnRequest, decide, remember,
};
use crate::engine::{Nonce, Opening};

const NOW: i64 = 1_800_000_000;
/// The visit that the call is in.
const HERE: Nonce = Nonce(((NOW as u64 - 60) << 32) | 7);
/// Another one.
const THERE: Nonce = Nonce(((NOW as u64 - 90) << 32) | 8);
/// The request that began the visit, a minute ago.
const BEGAN: Opening = Opening {
    token: Some(1),
    form: 10,
    at: NOW as u32 - 60,
};

fn asked(place: EntryPoint) -> TurnRequest<'static> {
    let now = Timestamp::from_second(NOW).expect("it is a time");
    TurnRequest {
        flow: "order",
        place,
        moves: true,
        over: false,
        now,
    }
}

fn turn(turn: u32, nonce: Nonce) -> TurnRequest<'static> {
    asked(EntryPoint::Turn(TurnRef { turn, nonce }))
}

fn start(token: Option<u32>, form: u32) -> TurnRequest<'static> {
    asked(EntryPoint::Start(Opening {
        token,
        form,
        at: NOW as u32,
    }))
}

/// A call that waits for turn 5.
fn waits() -> CallPosition<'static> {
    CallPosition {
        flow: "order",
        turn: 5,
        nonce: HERE,
        by: &[BEGAN],
        finished: false,
    }
}

#[test]
fn a_call_moves_only_on_the_turn_that_it_waits_for_in_its_visit_and_flow() {
    let over = CallPosition {
        finished: true,
        ..waits()
    };
    let cases = [
        (turn(5, HERE), waits(), Decision::Move),
        (
            turn(4, HERE),
            waits(),
            Decision::Repeat(RepeatReason::Again),
        ),
        (
            turn(1, HERE),
            waits(),
            Decision::Repeat(RepeatReason::Again),
        ),
        (
            turn(6, HERE),
            waits(),
            Decision::Repeat(RepeatReason::Ahead),
        ),
        (
            turn(5, THERE),
            waits(),
            Decision::Repeat(RepeatReason::Foreign),
        ),
        (
            turn(6, THERE),
            waits(),
            Decision::Repeat(RepeatReason::Foreign),
        ),
        (
            turn(5, Nonce::NONE),
            waits(),
            Decision::Repeat(RepeatReason::Foreign),
        ),
        (
            TurnRequest {
                flow: "desk",
                ..turn(5, HERE)
            },
            waits(),
            Decision::Repeat(RepeatReason::Foreign),
        ),
        (
            TurnRequest {
                moves: false,
                ..turn(5, HERE)
            },
            waits(),
            Decision::Repeat(RepeatReason::Untrusted),
        ),
        (
            TurnRequest {
                over: true,
                ..turn(5, HERE)
            },
            waits(),
            Decision::Move,
        ),
        (turn(5, HERE), over, Decision::Repeat(RepeatReason::Again)),
        (turn(6, HERE), over, Decision::Repeat(RepeatReason::Ahead)),
    ];
    for (asked, call, decision) in cases {
        assert_eq!(
            decide(&asked, &KnownCall::Call(call)),
            decision,
            "{asked:?} {call:?}"
        );
    }
}

#[test]
fn the_first_release_s_calls_go_on_by_its_urls() {
    let call = CallPosition {
        nonce: Nonce::NONE,
        by: &[],
        ..waits()
    };
    assert_eq!(
        decide(&turn(5, Nonce::NONE), &KnownCall::Call(call)),
        Decision::Move
    );
    assert_eq!(
        decide(&turn(4, Nonce::NONE), &KnownCall::Call(call)),
        Decision::Repeat(RepeatReason::Again)
    );
}

#[test]
fn the_start_is_a_repeat_where_its_token_says_so_and_else_a_new_visit() {
    let finished = CallPosition {
        finished: true,
        ..waits()
    };
    let again = Decision::Repeat(RepeatReason::Again);
    let cases = [
        (start(Some(1), 10), waits(), again),
        (start(Some(1), 11), waits(), again),
        (
            start(Some(2), 10),
            waits(),
            Decision::Visit { leaves: true },
        ),
        (start(Some(1), 10), finished, again),
        (
            start(Some(2), 10),
            finished,
            Decision::Visit { leaves: false },
        ),
        // No token: the same form, but a minute later.
        (start(None, 10), waits(), Decision::Visit { leaves: true }),
        (
            TurnRequest {
                flow: "desk",
                ..start(Some(2), 10)
            },
            waits(),
            Decision::Visit { leaves: true },
        ),
        (
            TurnRequest {
                moves: false,
                ..start(Some(2), 10)
            },
            waits(),
            Decision::Repeat(RepeatReason::Untrusted),
        ),
        (
            TurnRequest {
                moves: false,
                over: true,
                ..start(Some(2), 10)
            },
            finished,
            Decision::Repeat(RepeatReason::Untrusted),
        ),
    ];
    for (asked, call, decision) in cases {
        assert_eq!(
            decide(&asked, &KnownCall::Call(call)),
            decision,
            "{asked:?} {call:?}"
        );
    }
}

#[test]
fn without_a_token_the_same_form_is_a_repeat_as_long_as_a_carrier_tries_again() {
    for (age, form, token, repeat) in [
        (0, 10, None, true),
        (RETRIES, 10, None, true),
        (RETRIES + 1, 10, None, false),
        (0, 11, None, false),
        // One of the two has none: the fallback began the visit while the first request was on its way.
        (3, 10, Some(1), true),
        (-3, 10, None, true),
    ] {
        let by = [Opening {
            token: None,
            form: 10,
            at: (NOW - age) as u32,
        }];
        let known = KnownCall::Call(CallPosition { by: &by, ..waits() });
        let decision = decide(&start(token, form), &known);
        assert_eq!(
            decision == Decision::Repeat(RepeatReason::Again),
            repeat,
            "{age} s, form {form}"
        );
    }
}

#[test]
fn a_late_repeat_of_an_earlier_visit_begins_no_third_one() {
    let second = Opening {
        token: Some(2),
        ..BEGAN
    };
    let by = remember(&[BEGAN], second);
    let known = KnownCall::Call(CallPosition {
        by: &by,
        nonce: THERE,
        ..waits()
    });
    assert_eq!(
        decide(&start(Some(1), 10), &known),
        Decision::Repeat(RepeatReason::Again)
    );
    let many = (3..20).fold(by, |by, token| {
        remember(
            &by,
            Opening {
                token: Some(token),
                ..BEGAN
            },
        )
    });
    assert_eq!(
        many.iter().map(|one| one.token).collect::<Vec<_>>(),
        [16, 17, 18, 19].map(Some)
    );
    assert_eq!(many.len(), REMEMBERED);
}

#[test]
fn a_call_that_nobody_knows_begins_or_begins_again_but_not_once_it_is_over() {
    let old = Nonce((NOW as u64 - 25 * 3_600) << 32);
    let cases = [
        (
            start(Some(1), 10),
            KnownCall::Nothing,
            Decision::Begin { lost: false },
        ),
        (
            start(Some(1), 10),
            KnownCall::Past,
            Decision::Begin { lost: false },
        ),
        (
            turn(5, HERE),
            KnownCall::Nothing,
            Decision::Begin { lost: true },
        ),
        (
            turn(5, Nonce::NONE),
            KnownCall::Nothing,
            Decision::Begin { lost: true },
        ),
        (turn(5, HERE), KnownCall::Past, Decision::Nothing),
        (turn(5, old), KnownCall::Nothing, Decision::Nothing),
        (
            TurnRequest {
                over: true,
                ..turn(5, HERE)
            },
            KnownCall::Nothing,
            Decision::Nothing,
        ),
        (
            TurnRequest {
                over: true,
                ..start(Some(1), 10)
            },
            KnownCall::Past,
            Decision::Nothing,
        ),
        (
            TurnRequest {
                moves: false,
                ..turn(5, HERE)
            },
            KnownCall::Nothing,
            Decision::Apologise,
        ),
        (
            TurnRequest {
                moves: false,
                ..start(Some(1), 10)
            },
            KnownCall::Nothing,
            Decision::Apologise,
        ),
    ];
    for (asked, known, decision) in cases {
        assert_eq!(decide(&asked, &known), decision, "{asked:?} {known:?}");
    }
}
