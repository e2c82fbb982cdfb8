//! The ways that real calls took, for a picture.

use crate::cli::calls::access::CallAccess;
use crate::cli::reach;
use crate::picture::Counts;
use crate::settings::Settings;
use crate::telemetry;
use crate::web::calls::Traffic;

use super::GraphArgs;

/// What is logged where no node runs and this process opens the store itself.
const LOGGED: &str = "warn";

/// Counts the ways of a flow that calls took, and reports what is missing.
pub(super) fn count(settings: &Settings, arguments: &GraphArgs, flow: &str) -> Result<Counts, u8> {
    let traffic = reach::carry_out(look_up(settings, arguments, flow))?;
    if traffic.calls == 0 {
        eprintln!(
            "No call of `{flow}` is known{}.",
            if arguments.since.is_some() {
                " since then"
            } else {
                ""
            }
        );
    }
    if traffic.unknown > 0 {
        let Traffic { unknown, calls, .. } = traffic;
        eprintln!(
            "{unknown} of {calls} calls are not counted: the flow versions that they ran on are no longer kept."
        );
    }
    Ok(traffic.counts())
}

async fn look_up(
    settings: &Settings,
    arguments: &GraphArgs,
    flow: &str,
) -> Result<Traffic, reach::ReachError> {
    if let Err(error) = telemetry::init(settings.log.format, LOGGED) {
        eprintln!("warning: {error}");
    }
    let access = CallAccess::new(arguments.place.reach(settings).await?, settings)?;
    let traffic = access.traffic(flow, arguments.since).await;
    let closed = access.close().await;
    let traffic = traffic?;
    closed.map(|()| traffic)
}
