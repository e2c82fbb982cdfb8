//! Alarms: what somebody should be woken up for, told by mail or to a webhook, once for each cause and again when it is over.
//!
//! The causes are those of `deploy/alerts.yml` that a node can see by itself, under the same names, and are found in its own
//! figures, so that a page, Prometheus and an alarm never disagree. Where no channel is set nothing of this runs.

mod cause;
mod channel;
mod figures;
mod ledger;

use std::collections::VecDeque;
use std::path::Path;
use std::time::Duration;

use actix_web::web::Data;
use jiff::Timestamp;

pub use self::cause::AlarmCause;
pub use self::channel::{AlarmChannel, AlarmChannels, AlarmError};
use self::figures::Window;
use self::ledger::AlarmLedger;
pub use self::ledger::AlarmNotice;
use super::app::App;
use super::health::sampled;

/// How often the figures are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// How many notices wait for a channel that does not take them; then the oldest are dropped.
const WAITING: usize = 100;

/// Looks at the figures again and again. Runs until it is dropped.
pub async fn watch(app: Data<App>, channels: AlarmChannels) {
    let mut window = Window::of_a_new_node();
    let mut ledger = AlarmLedger::new(channels.repeat);
    let mut outgoing: Vec<_> = channels.all.iter().map(Outgoing::new).collect();
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let page = app.metrics.page(&sampled(&app).await);
        let now = Timestamp::now();
        window.add(now, &page);
        let mut causes = cause::all(&window);
        for cause in &mut causes {
            cause.place = place(&app.flows.folders().flows, cause);
        }
        let notices = ledger.look(causes, now);
        for notice in &notices {
            tracing::warn!(
                alarm = notice.cause.name,
                over = notice.ended.is_some(),
                "{}",
                notice.cause.summary
            );
        }
        for outgoing in &mut outgoing {
            outgoing.add(&notices);
            outgoing.send().await;
        }
    }
}

/// What is still to be told through a channel.
struct Outgoing<'c> {
    channel: &'c AlarmChannel,
    notices: VecDeque<AlarmNotice>,
}

impl<'c> Outgoing<'c> {
    fn new(channel: &'c AlarmChannel) -> Self {
        Self {
            channel,
            notices: VecDeque::new(),
        }
    }

    fn add(&mut self, notices: &[AlarmNotice]) {
        self.notices.extend(notices.iter().cloned());
        let too_many = self.notices.len().saturating_sub(WAITING);
        self.notices.drain(..too_many);
    }

    /// What is not taken now is told at the next look.
    async fn send(&mut self) {
        while let Some(notice) = self.notices.front() {
            if let Err(error) = self.channel.send(notice).await {
                tracing::error!(channel = %self.channel, %error, waiting = self.notices.len(), "An alarm is not taken.");
                return;
            }
            self.notices.pop_front();
        }
    }
}

/// The line of the flow's file where the step of a cause begins.
fn place(flows: &Path, cause: &AlarmCause) -> Option<String> {
    let file = flows.join(format!("{}.toml", cause.label("flow")?));
    let head = format!("[steps.{}]", cause.label("step")?);
    let text = std::fs::read_to_string(&file).ok()?;
    let line = text
        .lines()
        .position(|line| line.trim_start().starts_with(&head))?;
    Some(format!("{}:{}", file.display(), line + 1))
}
