use super::*;

#[test]
fn what_is_owed_goes_back_to_nothing() {
    let metrics = Metrics::default();
    let page = |backlog| {
        let condition = BackendCondition {
            backend: "pickups".to_owned(),
            paused: false,
            failing: false,
            waits_until: None,
        };
        let conditions = vec![condition];
        metrics.page(&Sampled {
            backlog,
            conditions,
            level: Durability::Memory,
            away: false,
            clock_ahead: 0.0,
            remembered: 0,
            flows_out: 0,
        })
    };
    let owed = |backend: &str| Backlog {
        backend: backend.to_owned(),
        rows: [3, 0, 0, 0, 0],
        oldest: None,
    };
    let sample = "hookswitch_outbox_rows{backend=\"pickups\",state=\"waiting\"} ";
    assert!(page(Some(vec![owed("pickups"), owed("gone")])).contains(&format!("{sample}3")));
    assert!(
        page(None).contains(&format!("{sample}3")),
        "a store that is away says nothing"
    );
    let page = page(Some(Vec::new()));
    assert!(
        page.contains(&format!("{sample}0")) && !page.contains("gone"),
        "{page}"
    );
}
/// The series of a name on a page.
fn series<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    page.lines()
        .filter(|line| line.starts_with(&format!("hookswitch_{name}{{")))
        .collect()
}

fn page(metrics: &Metrics, level: Durability) -> String {
    let (backlog, conditions) = (Some(Vec::new()), Vec::new());
    metrics.page(&Sampled {
        backlog,
        conditions,
        level,
        away: false,
        clock_ahead: 0.0,
        remembered: 0,
        flows_out: 0,
    })
}

#[test]
fn whatever_code_the_carrier_sends_the_series_stay_those_of_the_start() {
    let metrics = Metrics::new([], []);
    let before = series(&page(&metrics, Durability::Memory), "fallbacks_total").len();
    for code in (0..70_000).chain([u32::MAX]) {
        metrics.fallback(code);
    }
    let page = page(&metrics, Durability::Memory);
    let fallbacks = series(&page, "fallbacks_total");
    assert_eq!(fallbacks.len(), before, "{fallbacks:?}");
    assert!(before < 50, "{before}");
    assert!(
        fallbacks.contains(&"hookswitch_fallbacks_total{code=\"11200\"} 1"),
        "{fallbacks:?}"
    );
}

#[test]
fn a_level_that_the_store_had_goes_back_to_nothing() {
    let metrics = Metrics::new([], []);
    page(&metrics, Durability::RedisSafe);
    let page = page(&metrics, Durability::RedisVolatile);
    let ones: Vec<_> = series(&page, "store_level")
        .into_iter()
        .filter(|line| line.ends_with(" 1"))
        .collect();
    assert_eq!(ones, ["hookswitch_store_level{level=\"redis-volatile\"} 1"]);
}

#[test]
fn what_became_of_a_backend_s_deliveries_is_counted_from_nothing() {
    let page = page(
        &Metrics::new(["pickups".to_owned()], ["stock".to_owned()]),
        Durability::Memory,
    );
    let deliveries = series(&page, "deliveries_total");
    assert_eq!(deliveries.len(), DeliveryResult::ALL.len());
    assert!(
        deliveries
            .iter()
            .all(|line| line.contains("backend=\"pickups\"") && line.ends_with(" 0"))
    );
    assert!(
        page.contains("hookswitch_delivery_seconds_count{backend=\"pickups\"} 0"),
        "{page}"
    );
}
