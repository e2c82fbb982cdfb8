//! What a node tells of itself: `/metrics`, `/readyz`, and plain requests of any kind.

use std::collections::BTreeMap;

use reqwest::{Client, RequestBuilder, Response};

use super::server::Server;

/// A client that takes no proxy and follows nothing.
pub fn client() -> Client {
    let client = Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0)
        .redirect(reqwest::redirect::Policy::none())
        .build();
    client.expect("a client can be made")
}

/// Asks for a path.
pub async fn get(server: &Server, path: &str) -> Response {
    send(client().get(server.url(path))).await
}

/// Sends a request; the node must answer.
pub async fn send(request: RequestBuilder) -> Response {
    request.send().await.expect("the node answers")
}

/// The figures of `/metrics` at one moment.
#[derive(Clone, Debug)]
pub struct Figures {
    /// The whole page.
    pub page: String,
    values: BTreeMap<String, f64>,
}

impl Figures {
    /// Reads them.
    pub async fn of(server: &Server) -> Self {
        let response = get(server, "/metrics").await;
        assert_eq!(response.status(), 200);
        let page = response.text().await.expect("it is text");
        let lines = page.lines().filter(|line| !line.starts_with('#'));
        let values = lines.filter_map(|line| line.rsplit_once(' '));
        let values = values
            .filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?)))
            .collect();
        Self { page, values }
    }

    /// One figure, by its name without `hookswitch_` and its labels as they are written: `turns_total{flow="pickup"}`.
    /// What has never been counted is 0.
    pub fn get(&self, name: &str) -> u64 {
        self.values
            .get(&format!("hookswitch_{name}"))
            .map_or(0, |value| *value as u64)
    }

    /// All figures of a name, whatever their labels, together.
    pub fn sum(&self, name: &str) -> u64 {
        let name = format!("hookswitch_{name}");
        let of_name = |key: &str| {
            key == name
                || key
                    .strip_prefix(&name)
                    .is_some_and(|rest| rest.starts_with('{'))
        };
        self.values
            .iter()
            .filter(|(key, _)| of_name(key))
            .map(|(_, value)| *value as u64)
            .sum()
    }
}
