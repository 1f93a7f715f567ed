//! Tests of the limits on the calls of each caller.

use std::sync::Arc;

use jackfield_recipe::{CallRate, Effect};
use tokio::time::Instant;

use super::buckets::{Buckets, MOST};
use super::call_limits::{CallLimits, LimitFlags};
use crate::common::caller::{Caller, Channel, Principal};
use crate::engine::policy::rate::{Rate as _, RateEntry, RateExceeded, RateGuard};
use crate::engine::request::{Target, TargetKind};
use crate::v1::{Connector, Group, RateLimit, Tool};

const SECOND: u64 = 1_000_000_000;
const MINUTE: CallRate = CallRate { calls: 60, seconds: 60 };

static RATES: &[RateLimit] = &[
    RateLimit::all().calls(60, 60).concurrent(2).queue(1),
    RateLimit::of("tag:orders", &["create_order"]).calls(2, 3600).concurrent(1).queue(0),
];
static SHOP: Connector = Connector::new("shop").rates(RATES);

fn limits(flags: LimitFlags) -> CallLimits {
    CallLimits::of(&SHOP, flags).unwrap()
}

fn caller(name: &str) -> Caller {
    Caller::new(Principal::Token(name.to_owned()), Channel::Http)
}

fn tool(name: &str) -> Target<'_> {
    Target { kind: TargetKind::Tool, name, effect: Effect::Read }
}

#[test]
fn token_bucket_allows_a_burst_and_then_the_steady_rate() {
    let buckets = Buckets::default();
    let allowed = |now: u64| (0..1000).take_while(|_| buckets.take(1, MINUTE, now).is_ok()).count();
    assert_eq!(allowed(0), 60);
    let wait = buckets.take(1, MINUTE, 0).unwrap_err();
    assert_eq!(wait.as_secs(), 1);
    assert!(buckets.take(1, MINUTE, SECOND - 1).is_err());
    assert_eq!(allowed(SECOND), 1);
    // Unused time fills the bucket, up to its size.
    assert_eq!(allowed(11 * SECOND), 10);
    assert_eq!(allowed(1_000_000 * SECOND), 60);
}

#[test]
fn any_minute_admits_at_most_the_burst_plus_the_rate() {
    let buckets = Buckets::default();
    let (mut taken, mut state) = (Vec::new(), 88_172_645_463_325_252_u64);
    let mut now = 0;
    for _ in 0..20_000 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        now += state % SECOND;
        if buckets.take(7, MINUTE, now).is_ok() {
            taken.push(now);
        }
    }
    for (at, from) in taken.iter().enumerate() {
        let within = taken[at..].iter().take_while(|time| **time - from < 60 * SECOND).count();
        assert!(within <= 120, "{within}");
    }
    let seconds = usize::try_from(now / SECOND).unwrap();
    assert!(
        taken.len() <= seconds + 61 && taken.len() + 61 >= seconds.min(20_000),
        "{} {seconds}",
        taken.len()
    );
}

#[test]
fn buckets_of_a_million_keys_take_bounded_memory() {
    // Idle buckets are soon full again, and are then removed.
    let buckets = Buckets::default();
    for key in 0..1_000_000_u64 {
        assert!(buckets.take(key, CallRate { calls: 10, seconds: 1 }, key * 1_000_000).is_ok());
    }
    assert!(buckets.len() <= 2048, "{}", buckets.len());
    // Buckets in use are bounded too: the buckets that will be full soonest are removed first.
    let buckets = Buckets::default();
    let day = CallRate { calls: 1, seconds: 86_400 };
    for key in 0..1_000_000_u64 {
        assert!(buckets.take(key, day, key).is_ok());
    }
    assert!(buckets.len() <= MOST, "{}", buckets.len());
    assert!(buckets.take(999_999, day, 1_000_000).is_err());
}

const fn part(name: &'static str, tool: &'static str) -> Tool {
    Tool::new(name, "POST", "/books", |_, _| Ok(())).merged_into(tool, "", "")
}

static ADD: Tool = part("add_book", "save_book");
static UPDATE: Tool = part("update_book", "save_book");
static IMPORT: Tool = part("import_book", "save_book");
static OPEN: Tool = part("list_open_loans", "list_loans");
static RETURNED: Tool = part("list_returned_loans", "list_loans");
static MERGED: Connector = Connector::new("shop")
    .groups(&[Group::new("books", &[&ADD, &UPDATE, &IMPORT, &OPEN, &RETURNED])])
    .rates(&[
        RateLimit::all().calls(3, 3600),
        RateLimit::of("save_book", &["add_book", "update_book"]).calls(2, 3600).concurrent(1).queue(0),
        RateLimit::of("importBook", &["import_book"]).calls(1, 3600),
    ]);

#[test]
fn calls_of_merged_operations_with_equal_rate_limits_are_counted_together() {
    let limits = CallLimits::of(&MERGED, LimitFlags::default()).unwrap();
    let ada = caller("ada");
    for (name, refused) in [
        ("add_book", None),
        ("update_book", None),
        ("add_book", Some("2 calls per hour of `save_book`")),
        ("update_book", Some("2 calls per hour of `save_book`")),
        // This operation has a separate limit.
        ("import_book", None),
        ("import_book", Some("1 call per hour of `import_book`")),
        // The general limit applies to a tool without a separate limit.
        ("list_open_loans", None),
        ("list_returned_loans", None),
        ("list_open_loans", None),
        ("list_returned_loans", Some("3 calls per hour of `list_loans`")),
        ("get_book", None),
    ] {
        let found = limits.admit_at(&ada, tool(name), 0).map_err(|exceeded| exceeded.limit);
        assert_eq!(found.err().as_deref(), refused, "{name}");
    }
}

#[tokio::test]
async fn operations_of_a_merged_tool_share_its_concurrency_limit() {
    let limits = CallLimits::of(&MERGED, LimitFlags::default()).unwrap();
    let (ada, deadline) = (caller("ada"), Instant::now());
    let first = limits.enter(RateEntry::new(&ada, tool("add_book"), deadline)).unwrap().await.unwrap();
    let refused =
        limits.enter(RateEntry::new(&ada, tool("update_book"), deadline)).unwrap().await.unwrap_err();
    assert_eq!(refused.limit, "1 call of `save_book` in flight");
    assert!(limits.enter(RateEntry::new(&ada, tool("import_book"), deadline)).is_none());
    drop(first);
    limits.enter(RateEntry::new(&ada, tool("update_book"), deadline)).unwrap().await.unwrap();
}

#[test]
fn calls_are_counted_per_principal_and_tool() {
    let limits = limits(LimitFlags::default());
    let (ada, eve) = (caller("ada"), caller("eve"));
    let count = |caller: &Caller, name: &str| {
        (0..100).take_while(|_| limits.admit_at(caller, tool(name), 0).is_ok()).count()
    };
    assert_eq!(count(&ada, "list_books"), 60);
    assert_eq!((count(&ada, "list_books"), count(&eve, "list_books"), count(&ada, "get_book")), (0, 60, 60));
    assert_eq!(count(&ada, "create_order"), 2);
    let exceeded = limits.admit_at(&ada, tool("create_order"), 0).unwrap_err();
    assert_eq!(
        exceeded.to_string(),
        "too many calls: call again in 1800 s (limit 2 calls per hour of `create_order`, set by `calls` in \
         [rate.\"tag:orders\"] of connector.toml)"
    );
    // Clients choose URIs, so a new URI gets no new bucket.
    let read = |number: usize| {
        let uri = format!("shop://{number}");
        let target = Target { kind: TargetKind::Resource, name: &uri, effect: Effect::Read };
        limits.admit_at(&ada, target, 0).is_ok()
    };
    assert_eq!((0..100).take_while(|number| read(*number)).count(), 60);
    assert!(limits.kept() <= 6);
}

#[test]
fn rate_flag_does_not_replace_the_limits_of_single_tools() {
    let limits = limits(LimitFlags { calls: Some(CallRate { calls: 3, seconds: 1 }), concurrent: None });
    let ada = caller("ada");
    let count = |name: &str| (0..100).take_while(|_| limits.admit_at(&ada, tool(name), 0).is_ok()).count();
    assert_eq!((count("list_books"), count("create_order")), (3, 2));
    let exceeded = limits.admit_at(&ada, tool("list_books"), 0).unwrap_err();
    assert_eq!(exceeded.place, "--rate");
    static BARE: Connector = Connector::new("bare");
    assert!(CallLimits::of(&BARE, LimitFlags::default()).is_none());
}

#[tokio::test]
async fn calls_of_a_principal_beyond_its_limit_wait_if_the_queue_has_room() {
    let limits = Arc::new(limits(LimitFlags::default()));
    let deadline = Instant::now() + std::time::Duration::from_secs(60);
    let enter = async |name: &str, tool_name: &str, deadline| -> Result<RateGuard, RateExceeded> {
        limits.enter(RateEntry::new(&caller(name), tool(tool_name), deadline)).unwrap().await
    };
    let first = enter("ada", "list_books", deadline).await.unwrap();
    let _second = enter("ada", "get_book", deadline).await.unwrap();
    let waiting = tokio::spawn({
        let limits = Arc::clone(&limits);
        async move {
            limits.enter(RateEntry::new(&caller("ada"), tool("list_books"), deadline)).unwrap().await.is_ok()
        }
    });
    while limits.slots().calls() != [3] {
        tokio::task::yield_now().await;
    }
    let refused = enter("ada", "list_books", deadline).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "too many calls: call again in 1 s (limit 2 calls in flight, set by `concurrent` in [rate] of connector.toml)"
    );
    // Other callers are not affected.
    drop(enter("eve", "list_books", deadline).await.unwrap());
    drop(first);
    assert!(waiting.await.unwrap());
    assert_eq!(limits.slots().calls(), [1]);
}

#[tokio::test]
async fn concurrency_limit_of_a_tool_applies_only_to_this_tool() {
    let limits = limits(LimitFlags::default());
    let ada = caller("ada");
    let deadline = Instant::now() + std::time::Duration::from_secs(60);
    let first = limits.enter(RateEntry::new(&ada, tool("create_order"), deadline)).unwrap().await.unwrap();
    let refused =
        limits.enter(RateEntry::new(&ada, tool("create_order"), deadline)).unwrap().await.unwrap_err();
    assert_eq!(refused.limit, "1 call of `create_order` in flight");
    let other = limits.enter(RateEntry::new(&ada, tool("list_books"), deadline)).unwrap().await.unwrap();
    let late =
        limits.enter(RateEntry::new(&ada, tool("list_books"), Instant::now())).unwrap().await.unwrap_err();
    assert_eq!(late.limit, "2 calls in flight");
    drop(first);
    assert!(limits.enter(RateEntry::new(&ada, tool("create_order"), deadline)).unwrap().await.is_ok());
    drop(other);
    assert_eq!(limits.slots().calls(), [0_usize; 0]);
}

#[tokio::test]
async fn call_over_the_rate_limit_returns_the_seconds_to_wait() {
    use crate::common::environment::Environment;
    use crate::engine::api::Api;
    use crate::engine::policy::Policies;
    use crate::engine::service::Service;
    static TOOL: crate::v1::Tool = crate::v1::Tool::new("get_book", "GET", "/book", |_, _| Ok(()));
    static ONE: Connector = Connector::new("shop")
        .groups(&[crate::v1::Group::new("books", &[&TOOL])])
        .rates(&[RateLimit::all().calls(1, 3600).concurrent(1)]);
    let limits = CallLimits::of(&ONE, LimitFlags::default()).unwrap();
    let api = Api::new(&ONE, Environment::of([("SHOP_BASE_URL", "http://127.0.0.1:1")]));
    let service =
        Service::new(api.with_policies(Policies::none().rate(Arc::new(limits))), Vec::new()).unwrap();
    let call = async |name: &str| {
        let result = service.call("get_book", serde_json::Map::new(), &caller(name)).await.unwrap();
        result.as_text().to_owned()
    };
    let first = call("ada").await;
    assert!(!first.contains("too many calls"), "{first}");
    let second = call("ada").await;
    assert!(
        second
            .contains("call again in 3600 s (limit 1 call per hour of `get_book`, set by `calls` in [rate]"),
        "{second}"
    );
    assert!(!call("eve").await.contains("too many calls"));
}
