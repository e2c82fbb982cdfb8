//! The rules of `deploy/alerts.yml`, tried by `promtool` on the series that a node really has: each is silent while
//! nothing happens, and is the only one that fires from the first event of its kind on.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::Command;

use super::architecture::root;
use super::figures::Figures;
use super::flows::{DESK, ORDER};
use super::folder::Folder;
use super::server::Plan;

const RULES: &str = "deploy/alerts.yml";

/// What happens to some series, minute by minute, in promtool's notation, and what fires after two hours.
struct Case {
    what: &'static str,
    series: &'static [(&'static str, &'static str)],
    fires: &'static [&'static str],
}

/// Two hours less a few minutes of nothing, then one event.
const FIRST: &str = "0x117 1x10";

const CASES: &[Case] = &[
    Case {
        what: "nothing happens",
        series: &[],
        fires: &[],
    },
    Case {
        what: "a thousand calls an hour, all well",
        series: &[
            (r#"turns_total{flow="order"}"#, "0+100x120"),
            (r#"calls_started_total{flow="order"}"#, "0+17x120"),
            (
                r#"calls_total{flow="order",outcome="completed"}"#,
                "0+10x120",
            ),
            (r#"calls_total{flow="order",outcome="hung_up"}"#, "0+7x120"),
            (
                r#"deliveries_total{backend="pickups",result="delivered"}"#,
                "0+10x120",
            ),
            (
                r#"deliveries_total{backend="pickups",result="failed"}"#,
                "0+1x120",
            ),
            (r#"outbox_rows{backend="pickups",state="waiting"}"#, "3x120"),
            (r#"outbox_oldest_seconds{backend="pickups"}"#, "840x120"),
            ("repeats_total", "0+1x120"),
            ("turn_seconds_count", "0+100x120"),
            (r#"turn_seconds_bucket{le="0.5"}"#, "0+100x120"),
            (r#"turn_seconds_bucket{le="1.5"}"#, "0+100x120"),
            (r#"turn_seconds_bucket{le="5.0"}"#, "0+100x120"),
            (r#"turn_seconds_bucket{le="15.0"}"#, "0+100x120"),
            (r#"turn_seconds_bucket{le="+Inf"}"#, "0+100x120"),
        ],
        fires: &[],
    },
    Case {
        what: "no node is there any more",
        series: &[("store_away", "0x100 stale")],
        fires: &["HookswitchNoNode"],
    },
    Case {
        what: "a caller is held",
        series: &[("holds_total", FIRST)],
        fires: &["HookswitchCallersHeld"],
    },
    Case {
        what: "a caller was held an hour ago",
        series: &[
            ("holds_total", "0x60 1x60"),
            ("holds_given_up_total", "0x60 1x60"),
        ],
        fires: &[],
    },
    Case {
        what: "a caller is sent away",
        series: &[("holds_given_up_total", FIRST)],
        fires: &["HookswitchCallersSentAway"],
    },
    Case {
        what: "the fallback URL is asked for the first time",
        series: &[(r#"fallbacks_total{code="11200"}"#, FIRST)],
        fires: &["HookswitchFallback"],
    },
    Case {
        what: "the fallback URL is asked with a code that nobody knows",
        series: &[(r#"fallbacks_total{code="other"}"#, FIRST)],
        fires: &["HookswitchFallback"],
    },
    Case {
        what: "the first signature does not fit",
        series: &[(r#"refused_total{reason="mismatch"}"#, FIRST)],
        fires: &["HookswitchSignaturesDoNotFit"],
    },
    Case {
        what: "one signature in ten thousand does not fit",
        series: &[
            (r#"refused_total{reason="mismatch"}"#, FIRST),
            ("turn_seconds_count", "0+1000x125"),
        ],
        fires: &[],
    },
    Case {
        what: "a few strangers come by",
        series: &[(r#"refused_total{reason="missing"}"#, "0x115 40x10")],
        fires: &[],
    },
    Case {
        what: "many strangers come by",
        series: &[(r#"refused_total{reason="missing"}"#, "0x110 0+40x15")],
        fires: &["HookswitchStrangers"],
    },
    Case {
        what: "a step cannot be done for the first time",
        series: &[(r#"step_errors_total{flow="order",step="send"}"#, FIRST)],
        fires: &["HookswitchStepFails"],
    },
    Case {
        what: "a call fails for the first time",
        series: &[(r#"calls_total{flow="desk",outcome="failed"}"#, FIRST)],
        fires: &["HookswitchCallsFail"],
    },
    Case {
        what: "one webhook in ten takes seconds",
        series: &[
            ("turn_seconds_count", "0+100x120"),
            (r#"turn_seconds_bucket{le="0.5"}"#, "0+90x120"),
            (r#"turn_seconds_bucket{le="1.5"}"#, "0+90x120"),
            (r#"turn_seconds_bucket{le="5.0"}"#, "0+100x120"),
            (r#"turn_seconds_bucket{le="15.0"}"#, "0+100x120"),
            (r#"turn_seconds_bucket{le="+Inf"}"#, "0+100x120"),
        ],
        fires: &["HookswitchTurnsSlow"],
    },
    Case {
        what: "the ends of a few calls are not told",
        series: &[("swept_total", "0x100 5x20")],
        fires: &[],
    },
    Case {
        what: "the ends of calls are not told",
        series: &[("swept_total", "0x100 0+1x20")],
        fires: &["HookswitchEndsNotTold"],
    },
    Case {
        what: "a flow file is being written",
        series: &[("flows_out", "0x115 1x2 0x10")],
        fires: &[],
    },
    Case {
        what: "a flow file stays broken",
        series: &[("flows_out", "0x105 1x20")],
        fires: &["HookswitchFlowFileBroken"],
    },
    Case {
        what: "a delivery is dead",
        series: &[(r#"outbox_rows{backend="pickups",state="dead"}"#, FIRST)],
        fires: &["HookswitchDeliverySetAside"],
    },
    Case {
        what: "a delivery is uncertain",
        series: &[(r#"outbox_rows{backend="pickups",state="uncertain"}"#, FIRST)],
        fires: &["HookswitchDeliverySetAside"],
    },
    Case {
        what: "deliveries wait for half an hour",
        series: &[(
            r#"outbox_oldest_seconds{backend="pickups"}"#,
            "0x90 0+60x35",
        )],
        fires: &["HookswitchBackendBehind"],
    },
    Case {
        what: "deliveries wait because somebody said so",
        series: &[
            (
                r#"outbox_oldest_seconds{backend="pickups"}"#,
                "0x90 0+60x35",
            ),
            (r#"outbox_paused{backend="pickups"}"#, "1x125"),
        ],
        fires: &[],
    },
    Case {
        what: "a service fails",
        series: &[(r#"service_failing{service="crm"}"#, "0x110 1x15")],
        fires: &["HookswitchServiceFails"],
    },
    Case {
        what: "a service fails for a minute",
        series: &[(r#"service_failing{service="crm"}"#, "0x117 1x1 0x10")],
        fires: &[],
    },
    Case {
        what: "a backend fails",
        series: &[(r#"outbox_failing{backend="pickups"}"#, "0x105 1x20")],
        fires: &["HookswitchBackendFails"],
    },
    Case {
        what: "a backend fails for some minutes",
        series: &[(r#"outbox_failing{backend="pickups"}"#, "0x112 1x10")],
        fires: &[],
    },
    Case {
        what: "somebody forgot to resume a backend",
        series: &[
            (
                r#"outbox_oldest_seconds{backend="pickups"}"#,
                "86400+60x125",
            ),
            (r#"outbox_paused{backend="pickups"}"#, "1x125"),
        ],
        fires: &["HookswitchBackendPaused"],
    },
    Case {
        what: "the store is away",
        series: &[("store_away", "0x115 1x10")],
        fires: &["HookswitchStoreAway"],
    },
    Case {
        what: "the store is back",
        series: &[("store_away", "0x110 1x4 0x10")],
        fires: &[],
    },
    Case {
        what: "a cap is met again and again",
        series: &[(
            r#"numbers_refused_total{reach="dial",reason="per_prefix"}"#,
            "0x110 0+2x15",
        )],
        fires: &["HookswitchCapsMet"],
    },
    Case {
        what: "codes are sent to one block of numbers, and limits are only recorded",
        series: &[(
            r#"codes_over_limit_total{limit="prefix_hour",done="recorded"}"#,
            "0x110 0+2x15",
        )],
        fires: &["HookswitchCodesPumped"],
    },
    Case {
        what: "numbers are refused for their country",
        series: &[(
            r#"numbers_refused_total{reach="dial",reason="country"}"#,
            "0x110 0+2x15",
        )],
        fires: &[],
    },
    Case {
        what: "a clock is off that of Redis",
        series: &[
            (r#"store_level{level="file"}"#, "0x125"),
            (r#"store_level{level="redis-safe"}"#, "1x125"),
            ("clock_ahead_seconds", "0x110 -40x15"),
        ],
        fires: &["HookswitchClockOff"],
    },
    Case {
        what: "the clock of a node with a store of its own was set",
        series: &[("clock_ahead_seconds", "0x110 1800x15")],
        fires: &[],
    },
    Case {
        what: "the store lost a turn",
        series: &[("future_turns_total", FIRST)],
        fires: &["HookswitchStoreLostTurns"],
    },
    Case {
        what: "the store lost a call",
        series: &[("lost_calls_total", FIRST)],
        fires: &["HookswitchStoreLostTurns"],
    },
    Case {
        what: "a Redis that keeps nothing",
        series: &[
            (r#"store_level{level="file"}"#, "0x125"),
            (r#"store_level{level="redis-volatile"}"#, "1x125"),
        ],
        fires: &["HookswitchStoreNotDurable"],
    },
    Case {
        what: "Redis was told at noon to sync every second",
        series: &[
            (r#"store_level{level="file"}"#, "0x125"),
            (r#"store_level{level="redis-safe"}"#, "1x60 0x65"),
            (r#"store_level{level="redis-fast"}"#, "0x60 1x65"),
        ],
        fires: &["HookswitchStoreLevelDropped"],
    },
    Case {
        what: "Redis was told at noon to sync every write",
        series: &[
            (r#"store_level{level="file"}"#, "0x125"),
            (r#"store_level{level="redis-fast"}"#, "1x60 0x65"),
            (r#"store_level{level="redis-safe"}"#, "0x60 1x65"),
        ],
        fires: &[],
    },
];

/// The page of a node that has served nothing yet.
async fn page() -> String {
    let folder = Folder::of(&[("order.toml", ORDER), ("desk.toml", DESK)]);
    let plan = Plan::default().flows(folder.path());
    let server = plan
        .set("BACKENDS__PICKUPS__URL", "http://127.0.0.1:9/")
        .set("SERVICES__CRM__URL", "https://crm.example.com")
        .start();
    Figures::of(&server).await.page
}

/// The series of a page with their values.
fn series(page: &str) -> impl Iterator<Item = (&str, &str)> {
    page.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.rsplit_once(' '))
}

/// A series with the label that Prometheus adds.
fn scraped(series: &str) -> String {
    match series.split_once('{') {
        Some((name, labels)) => format!("{name}{{instance=\"node\",{labels}"),
        None => format!("{series}{{instance=\"node\"}}"),
    }
}

impl Case {
    /// As promtool takes it.
    fn write(&self, page: &str, out: &mut String) {
        let own = |name: &str| {
            self.series
                .iter()
                .find(|(own, _)| name.strip_prefix("hookswitch_") == Some(own))
        };
        let _ = write!(
            out,
            "- name: {}\n  interval: 1m\n  input_series:\n",
            self.what
        );
        let mut left: BTreeSet<_> = self.series.iter().map(|(name, _)| *name).collect();
        for (name, value) in series(page) {
            let values = own(name).map_or_else(
                || format!("{value}x125"),
                |(_, values)| (*values).to_owned(),
            );
            if let Some((name, _)) = own(name) {
                left.remove(name);
            }
            let _ = writeln!(
                out,
                "  - {{ series: '{}', values: '{values}' }}",
                scraped(name)
            );
        }
        assert!(
            left.is_empty(),
            "{}: a node has no such series: {left:?}",
            self.what
        );
        out.push_str(
            "  promql_expr_test:\n  - expr: group by (alertname) (ALERTS{alertstate=\"firing\"})\n",
        );
        let _ = writeln!(
            out,
            "    eval_time: 2h\n    exp_samples:{}",
            if self.fires.is_empty() { " []" } else { "" }
        );
        for alert in self.fires {
            let _ = writeln!(
                out,
                "    - {{ labels: '{{alertname=\"{alert}\"}}', value: 1 }}"
            );
        }
    }
}

fn rules() -> String {
    std::fs::read_to_string(root().join(RULES)).expect("the rules are there")
}

/// What stands behind a key, once for each rule.
fn values<'a>(rules: &'a str, key: &str) -> Vec<&'a str> {
    rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix(key))
        .map(str::trim)
        .collect()
}

#[track_caller]
fn promtool(arguments: &[&str]) {
    let output = Command::new("promtool").args(arguments).output();
    let output = output.expect("promtool is there: it comes with Debian's package prometheus");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{arguments:?}: {}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
}

#[test]
fn the_rules_are_such_as_prometheus_takes() {
    promtool(&[
        "check",
        "rules",
        "--lint-fatal",
        root().join(RULES).to_str().expect("it is text"),
    ]);
}

#[tokio::test]
async fn each_rule_fires_when_it_should_from_the_first_event_on_and_no_other_does() {
    let page = page().await;
    let mut file = format!(
        "rule_files: [\"{}\"]\nevaluation_interval: 1m\ntests:\n",
        root().join(RULES).display()
    );
    for case in CASES {
        case.write(&page, &mut file);
    }
    let folder = Folder::of(&[("cases.yml", &file)]);
    promtool(&[
        "test",
        "rules",
        folder
            .path()
            .join("cases.yml")
            .to_str()
            .expect("it is text"),
    ]);
}

#[test]
fn each_rule_has_a_case_in_which_it_fires() {
    let rules = rules();
    let fired: BTreeSet<_> = CASES.iter().flat_map(|case| case.fires).copied().collect();
    let named: BTreeSet<_> = values(&rules, "- alert:").into_iter().collect();
    assert_eq!(fired, named);
}

#[tokio::test]
async fn each_figure_that_a_rule_names_is_there_from_the_start() {
    let (page, rules) = (page().await, rules());
    let told = |line: &&str| {
        ["#", "summary:", "description:"]
            .iter()
            .any(|key| line.trim_start().starts_with(key))
    };
    let code = rules
        .lines()
        .filter(|line| !told(line))
        .collect::<Vec<_>>()
        .join("\n");
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let named: BTreeSet<_> = code
        .split(|c| !is_name(c))
        .filter(|word| word.starts_with("hookswitch_"))
        .collect();
    let there: BTreeSet<_> = series(&page)
        .filter_map(|(name, _)| name.split('{').next())
        .collect();
    assert!(named.len() > 10, "{named:?}");
    assert_eq!(named.difference(&there).collect::<Vec<_>>(), [&""; 0]);
}

#[test]
fn each_rule_says_what_is_wrong_what_to_do_and_where_that_is_written() {
    let rules = rules();
    let count = values(&rules, "- alert:").len();
    for key in [
        "summary:",
        "description:",
        "runbook:",
        "expr:",
        "labels: { severity:",
    ] {
        assert_eq!(values(&rules, key).len(), count, "{key}");
    }
    let manual =
        std::fs::read_to_string(root().join("docs/operating.md")).expect("the manual is there");
    for (alert, runbook) in values(&rules, "- alert:")
        .into_iter()
        .zip(values(&rules, "runbook:"))
    {
        assert_eq!(
            runbook,
            format!("docs/operating.md#{}", alert.to_lowercase())
        );
        assert!(
            manual.lines().any(|line| line == format!("### {alert}")),
            "{alert} has no paragraph"
        );
    }
}
