//! The rules of one-time codes by SMS: how many may be sent and how often one may be tried, pure judgement over counts.
//!
//! Nothing here counts, sends or draws: whoever does hands in what is counted ([`SendPlan::reads`]), gets what to count and how
//! far ([`SendPlan::judge`]), and draws with [`digits`]. What is limited is sends whose code nobody entered: who sends codes to
//! be paid for them enters none. The figures are those of Authgear's fraud protection and of Twilio Verify; where one is
//! ours, its comment says so. `simulate` plays attacks against them.

mod answer;
mod code;
mod limit;
mod plan;
pub mod simulate;
mod tally;

pub use answer::CodeAnswer;
pub use code::{CHECKS, LEAST_DIGITS, LIFE, MOST_DIGITS, digits};
pub use limit::{LimitMode, SendLimit, SendLimits};
pub use plan::{CheckPlan, SendAllowance, SendJudgement, SendPlan};
pub use tally::{CodeTally, Tallied};

use jiff::Timestamp;

/// Whom a code is for, and who asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeUse<'a> {
    /// The number that gets it, in E.164.
    pub number: &'a str,
    /// The two letters of its country; empty where it has none.
    pub country: &'a str,
    /// Who asks: of a call the caller and the line, of a web form what the shop calls its customer.
    pub source: &'a str,
    /// When the code is sent, or was.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests;
