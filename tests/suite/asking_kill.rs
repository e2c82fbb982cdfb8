//! Calls that order at a service and are texted, while nodes are killed at any instant and while the store is away: whoever
//! hears that it is done has one order and one SMS, and nobody has two of either. The service and the carrier count.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use tokio::task::{JoinSet, block_in_place};

use super::backend::{Answer, Backend};
use super::caller::{Caller, words};
use super::carrier::{ACCOUNT, Carrier};
use super::chance::Chance;
use super::folder::Folder;
use super::pair::Pair;
use super::server::is_long;

const SHOP: &str = r#"
[steps.welcome]
menu    = "To order press 1."
keys.1  = "order"
give_up = "hangup"

[steps.order]
http       = "stock"
post       = "/orders"
json       = { count = 1 }
time_limit = "20s"
hold       = "One moment."
on.error   = "sorry"
next       = "text"

[steps.text]
sms        = "Your order is taken."
on.refused = "sorry"
next       = "thanks"

[steps.thanks]
say  = "It is done."
next = "hangup"

[steps.sorry]
say  = "We are sorry."
next = "hangup"
"#;

/// How many callers order between two kills.
const CALLERS: usize = 8;
/// How long a node lives at most once they do.
const KILLED_WITHIN: Duration = Duration::from_millis(150);
/// Longer than any lease.
const PATIENCE: Duration = Duration::from_secs(90);

fn cycles() -> usize {
    if is_long() { 100 } else { 6 }
}

/// Two nodes, the service that they ask, and the carrier that sends their SMS.
struct World {
    pair: Pair,
    stock: Backend,
    carrier: Carrier,
    _folder: Folder,
    callers: usize,
}

impl World {
    async fn start() -> Self {
        let folder = Folder::of(&[("shop.toml", SHOP)]);
        let (stock, carrier) = (Backend::start().await, Carrier::start().await);
        let after = Duration::from_millis(60);
        stock.answer_with(Answer::Late(after, Box::new(Answer::Status(200))));
        let pair = Pair::with(|plan| {
            plan.flows(folder.path())
                .set("SERVICES__STOCK__URL", stock.url())
                .set("SERVICES__STOCK__PRIVATE", "true")
                .set("TWILIO__API_URL", carrier.url())
                .set("TWILIO__ACCOUNT_SID", ACCOUNT)
                .set("POLICY__PER_PREFIX", "100000")
        })
        .await;
        Self {
            pair,
            stock,
            carrier,
            _folder: folder,
            callers: 0,
        }
    }

    /// Callers who order, whatever becomes of nodes and stores on the way; what each heard last, by number.
    fn order(&mut self) -> JoinSet<(String, String)> {
        let mut calls = JoinSet::new();
        for _ in 0..CALLERS {
            self.callers += 1;
            let mut caller: Caller = self.pair.caller();
            caller.from = format!("+44740{:07}", 2_000_000 + self.callers);
            calls.spawn(async move {
                caller.call_through("/voice/shop").await;
                let mut heard = caller.press_through("1").await;
                while heard.contains("One moment.") {
                    tokio::time::sleep(Duration::from_millis(500)).await;
                    heard = caller.silent_through().await;
                }
                assert!(caller.is_over(), "{heard}");
                (caller.from, words(&heard))
            });
        }
        calls
    }

    /// Who was texted, and how often.
    fn texted(&self) -> BTreeMap<String, usize> {
        let mut texted = BTreeMap::new();
        for message in self.carrier.messages() {
            *texted.entry(message.to).or_default() += 1;
        }
        texted
    }

    /// What the nodes still have to send.
    fn owed(&self) -> String {
        let one = &self.pair.one;
        let (_, listed, told) = one
            .plan()
            .clone()
            .set("SERVER__LISTEN", one.url("").replace("http://", ""))
            .run(one.folder(), &["outbox", "--format", "json", "list"]);
        listed + &told
    }

    /// Holds what callers heard against what the service and the carrier got.
    async fn settle(&self, heard: &[(String, String)]) {
        let is_done = |(_, heard): &&(String, String)| heard.ends_with("It is done.");
        let done: BTreeMap<String, usize> = heard
            .iter()
            .filter(is_done)
            .map(|(number, _)| (number.clone(), 1))
            .collect();
        let began = Instant::now();
        while self.texted() != done && began.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        let texted = self.texted();
        let differs = |number: &&String| texted.get(*number) != done.get(*number);
        let other: Vec<_> = texted.keys().chain(done.keys()).filter(differs).collect();
        let story = other.iter().map(|number| {
            let sent = self.carrier.messages();
            let sent = sent.iter().filter(|sent| sent.to == **number).count();
            (*number, sent, heard.iter().find(|(of, _)| of == *number))
        });
        let story: Vec<_> = story.collect();
        let owed = self.owed();
        assert!(story.is_empty(), "{story:#?}\n{owed}");
        let orders = self.stock.received();
        let mut by_key = BTreeMap::new();
        for order in &orders {
            *by_key.entry(order.header("idempotency-key")).or_insert(0) += 1;
        }
        let twice: Vec<_> = by_key.iter().filter(|(_, times)| **times > 1).collect();
        assert_eq!(twice, [], "ordered twice");
        assert!(by_key.len() >= done.len() && by_key.len() <= heard.len());
        println!(
            "{} callers, {} done, {} orders",
            heard.len(),
            done.len(),
            orders.len()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_kills_nodes_finds_no_order_and_no_sms_twice_and_none_lost() {
    let mut world = World::start().await;
    let (mut chance, mut heard) = (Chance::new(), Vec::new());
    for cycle in 0..cycles() {
        let calls = world.order();
        tokio::time::sleep(chance.time_up_to(KILLED_WITHIN)).await;
        let pair = &mut world.pair;
        let victim = if cycle % 2 == 0 {
            &mut pair.one
        } else {
            &mut pair.other
        };
        block_in_place(|| {
            victim.kill();
            victim.start();
        });
        heard.extend(calls.join_all().await);
    }
    let odd: Vec<_> = heard
        .iter()
        .filter(|(_, heard)| !["It is done.", "We are sorry."].contains(&heard.as_str()))
        .collect();
    assert!(odd.is_empty(), "{odd:?}");
    world.settle(&heard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_store_is_away_callers_are_held_and_each_order_and_sms_is_made_once() {
    let mut world = World::start().await;
    let (mut chance, mut heard) = (Chance::new(), Vec::new());
    for _ in 0..2 {
        let calls = world.order();
        tokio::time::sleep(chance.time_up_to(KILLED_WITHIN)).await;
        world.pair.redis.freeze();
        tokio::time::sleep(Duration::from_secs(4)).await;
        world.pair.redis.thaw();
        heard.extend(calls.join_all().await);
    }
    world.settle(&heard).await;
}
