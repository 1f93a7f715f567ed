use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use jackfield_recipe::Effect;

use super::*;
use crate::call::args::{ArgError, Args};
use crate::call::request::Request;
use crate::v1::{Group, Tool};

fn nothing(_: &Args, _: &mut Request) -> Result<(), ArgError> {
    Ok(())
}

static KEPT: Tool = Tool::new("kept", "GET", "/", nothing).effect(Effect::Read).caching(Caching::Seconds(60));
static SHOP: Connector<'static> = Connector::new("shop").groups(&[Group::new("", &[&KEPT])]);
static PLAIN: Connector<'static> = Connector::new("shop");

fn cache(bytes: &str) -> ReplyCache {
    ReplyCache::of(&SHOP, &Environment::of([("SHOP_CACHE", bytes)])).0.unwrap()
}

fn lookup(cache: &ReplyCache, number: u8) -> Lookup<'_> {
    let key = CacheKey::numbered(number);
    let stored = cache.lock().get(&key);
    Lookup {
        cache,
        caching: Caching::Seconds(60),
        key,
        area: cache.area(&Principal::Local, "https://api.example.com"),
        stored,
        writes: cache.writes.load(Ordering::Acquire),
    }
}

fn reply(status: u16, headers: &[(&'static str, &'static str)], body: &'static [u8]) -> Reply {
    let pairs = headers.iter();
    let headers: HeaderMap =
        pairs.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect();
    let status = StatusCode::from_u16(status).unwrap();
    Reply::new(status, headers, Bytes::from_static(body), true, "https://api.example.com/".to_owned())
}

#[test]
fn disabled_or_invalid_cache_setting_creates_no_cache() {
    let of = |connector: &Connector<'_>, value: &str| {
        let (cache, invalid) = ReplyCache::of(connector, &Environment::of([("SHOP_CACHE", value)]));
        (cache.is_some(), invalid.is_some())
    };
    assert_eq!(of(&SHOP, ""), (true, false));
    assert_eq!(of(&SHOP, " Off "), (false, false));
    assert_eq!(of(&SHOP, "1000000"), (true, false));
    assert_eq!(of(&SHOP, "many"), (false, true));
    assert_eq!(of(&PLAIN, "many"), (false, false));
}

#[tokio::test(start_paused = true)]
async fn reply_is_stale_if_its_request_began_before_the_end_of_a_write() {
    let cache = cache("");
    let write = cache.write(&Principal::Local, "https://api.example.com");
    let before = lookup(&cache, 1);
    let other = lookup(&cache, 2);
    other.keep(&reply(200, &[("etag", "\"a\"")], b"{}"));
    assert!(lookup(&cache, 2).fresh().is_some());
    drop(write);
    // The reply may have been computed before the write.
    before.keep(&reply(200, &[("etag", "\"a\"")], b"{}"));
    for number in [1, 2] {
        let after = lookup(&cache, number);
        assert!(after.stored.is_some() && after.fresh().is_none(), "{number}");
    }
    lookup(&cache, 1).keep(&reply(200, &[("etag", "\"b\"")], b"{}"));
    assert!(lookup(&cache, 1).fresh().is_some());
}

#[tokio::test(start_paused = true)]
async fn successful_reply_that_must_not_be_stored_evicts_the_cached_reply() {
    let kept = || reply(200, &[("etag", "\"a\"")], b"{}");
    let (mut cut, mut led, mut told) = (kept(), kept(), kept());
    (cut.is_whole, led.is_redirected, told.caveat) = (false, true, Some("Only a part.".to_owned()));
    for (other, is_kept) in [
        (kept(), true),
        (reply(200, &[], b"{}"), true),
        (reply(200, &[("etag", "\"a\""), ("cache-control", "no-store")], b"{}"), false),
        (reply(200, &[("cache-control", "no-cache")], b"{}"), false),
        (reply(200, &[("etag", "\"a\""), ("vary", "accept, *")], b"{}"), false),
        (reply(200, &[("etag", "\"a\""), ("vary", "Traceparent")], b"{}"), false),
        (reply(200, &[("etag", "\"a\""), ("vary", "accept, authorization")], b"{}"), true),
        (reply(200, &[("etag", "\"a\""), ("content-type", "text/event-stream")], b"data: 1\n\n"), false),
        (reply(206, &[("etag", "\"a\"")], b"{}"), false),
        (reply(203, &[("etag", "\"a\"")], b"{}"), false),
        (reply(200, &[("etag", "\"a\""), ("content-type", "image/png")], b"\x89PNG"), true),
        // A reply with an error status does not replace the stored one.
        (reply(503, &[], b""), true),
        (cut, false),
        (led, false),
        (told, false),
    ] {
        let cache = cache("");
        lookup(&cache, 1).keep(&kept());
        lookup(&cache, 1).keep(&other);
        assert_eq!(lookup(&cache, 1).stored.is_some(), is_kept, "{other:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn least_recently_used_replies_are_evicted_first() {
    let cache = cache("16000");
    let keep = |number| lookup(&cache, number).keep(&reply(200, &[], &[b'1'; 1000]));
    (0..10).for_each(keep);
    assert_eq!(cache.lock().len(), 10);
    // The first reply is used, so it is not evicted.
    assert!(lookup(&cache, 0).fresh().is_some());
    keep(10);
    let stored: Vec<u8> = (0..=10).filter(|number| lookup(&cache, *number).stored.is_some()).collect();
    assert_eq!(stored, [0, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    (0..200).for_each(keep);
    assert_eq!(cache.lock().len(), 10);
    // One reply may take at most an eighth of all bytes.
    lookup(&cache, 250).keep(&reply(200, &[], &[b'1'; 1600]));
    assert!(lookup(&cache, 250).stored.is_none());
    (0..=255).for_each(|number| lookup(&cache, number).forget());
    assert_eq!(cache.lock().len(), 0);
    assert!(cache.lock().is_empty());
}

#[tokio::test(start_paused = true)]
async fn number_of_cached_replies_is_bounded() {
    let limits = CacheLimits { bytes: 1 << 20, replies: 3 };
    let cache = ReplyCache { limits, ..cache("") };
    (0..9).for_each(|number| lookup(&cache, number).keep(&reply(200, &[], b"1")));
    assert_eq!(cache.lock().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn revalidated_reply_has_the_headers_of_its_304() {
    let cache = cache("");
    let first = [("etag", "\"a\""), ("date", "then"), ("content-type", "text/plain"), ("x-kept", "1")];
    lookup(&cache, 1).keep(&reply(200, &first, b"moss"));
    let told = [("etag", "W/\"a\""), ("date", "now"), ("content-type", "text/html"), ("content-length", "0")];
    let current = lookup(&cache, 1).confirmed(&reply(304, &told, b"")).unwrap();
    let header = |name| current.header(name).unwrap_or_default();
    assert_eq!((current.status(), current.body()), (200, &b"moss"[..]));
    assert_eq!(["etag", "date", "content-type", "x-kept"].map(header), ["W/\"a\"", "now", "text/plain", "1"]);
    assert_eq!(lookup(&cache, 1).stored.unwrap().reply.header("date"), Some("now"));
    // A 304 about another version, or from another URL, confirms nothing.
    assert!(lookup(&cache, 1).confirmed(&reply(304, &[("etag", "\"b\"")], b"")).is_none());
    assert!(lookup(&cache, 1).confirmed(&reply(304, &[], b"").with_redirects(1)).is_none());
    // The headers of the 304 forbid storing the reply from now on.
    assert!(lookup(&cache, 1).confirmed(&reply(304, &[("cache-control", "no-store")], b"")).is_some());
    assert!(lookup(&cache, 1).stored.is_none());
}
