use std::time::Duration;

use super::super::profile::MOST_NETWORKS;
use super::*;
use crate::common::caller::Caller;
use crate::engine::request::TargetKind;

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
/// The first second of a day.
const START: u64 = 20_000 * DAY;

/// Returns the record of a call of the agent `ci`.
fn call(event: AuditEvent, effect: Effect, address: &str) -> AuditRecord {
    let caller =
        Caller::new(Principal::Token("ci".to_owned()), Channel::Http).with_address(address.parse().unwrap());
    AuditRecord {
        call: 1,
        event,
        caller,
        kind: TargetKind::Tool,
        name: "shop_add_book".to_owned(),
        operation: None,
        attached: None,
        trace: None,
        effect: Some(effect),
        destination: None,
        arguments: [0; 32],
        shown_arguments: None,
        approval: None,
        rule: None,
        attempts: 1,
        answer_bytes: None,
        duration: Duration::ZERO,
    }
}

struct Watched {
    activity: Activity,
    folder: tempfile::TempDir,
}

impl Watched {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { activity: Activity::open(folder.path()), folder }
    }

    fn note(&mut self, record: &AuditRecord, seconds: u64) -> Vec<&'static str> {
        let found = self.activity.note(record, UNIX_EPOCH + Duration::from_secs(seconds));
        found.into_iter().map(|unusual| unusual.kind.as_str()).collect()
    }

    /// Notes reads from one address at the given times. Returns the kinds of unusual activity.
    fn read(&mut self, seconds: impl IntoIterator<Item = u64>) -> Vec<&'static str> {
        let record = call(AuditEvent::Intent, Effect::Read, "192.0.2.7");
        seconds.into_iter().flat_map(|at| self.note(&record, at)).collect()
    }
}

fn refused(code: OutcomeCode) -> AuditRecord {
    call(AuditEvent::Refused(code), Effect::Read, "192.0.2.7")
}

#[test]
fn first_write_of_an_agent_is_reported_once() {
    let mut watched = Watched::new();
    assert!(watched.read(START..START + 5).is_empty());
    let write = call(AuditEvent::Intent, Effect::Write, "192.0.2.7");
    // A refused write does not count as a write.
    let denied = call(AuditEvent::Refused(OutcomeCode::NotPermitted), Effect::Write, "192.0.2.7");
    assert!(watched.note(&denied, START + 6).is_empty());
    assert_eq!(watched.note(&write, START + 7), ["first_write"]);
    assert!(watched.note(&write, START + 8).is_empty());
    // Another server that writes to the same audit folder also knows about the first write.
    let mut later = Activity::open(watched.folder.path());
    assert!(later.note(&write, UNIX_EPOCH + Duration::from_secs(START + 9)).is_empty());
}

#[test]
fn call_rate_far_above_the_busiest_hour_is_reported_once_a_day() {
    let mut watched = Watched::new();
    // 20 calls in the busiest hour of the past.
    assert!(watched.read(START..START + 20).is_empty());
    let today = START + 2 * DAY;
    assert!(
        watched.read((0..200).map(|at| today + at)).is_empty(),
        "exactly ten times the past rate is not reported"
    );
    assert_eq!(watched.read((200..400).map(|at| today + at)), ["rate"]);
    assert!(watched.read((0..400).map(|at| today + 2 * HOUR + at)).is_empty());
    // After days without calls, the busy hours are forgotten.
    let later = today + 20 * DAY;
    assert_eq!(watched.read((0..101).map(|at| later + at)), ["rate"]);
}

#[test]
fn call_rate_of_a_new_agent_is_not_reported() {
    assert!(Watched::new().read((0..3000).map(|at| START + at)).is_empty());
}

#[test]
fn many_refusals_are_reported_once_a_day() {
    let mut watched = Watched::new();
    let record = refused(OutcomeCode::NotPermitted);
    let mut noted = |seconds: std::ops::Range<u64>| -> Vec<&str> {
        seconds.flat_map(|at| watched.note(&record, at)).collect()
    };
    assert!(noted(START..START + 19).is_empty());
    assert_eq!(noted(START + 19..START + 60), ["refusals"]);
    assert!(noted(START + 2 * HOUR..START + 2 * HOUR + 60).is_empty());
    assert_eq!(noted(START + DAY..START + DAY + 60), ["refusals"]);
}

#[test]
fn refusals_below_half_of_the_calls_are_not_reported() {
    let mut watched = Watched::new();
    watched.read(START..START + 100);
    let record = refused(OutcomeCode::Unknown);
    assert!((0..50).all(|at| watched.note(&record, START + 200 + at).is_empty()));
    let busy = refused(OutcomeCode::RateExceeded);
    assert!(
        (0..500).all(|at| watched.note(&busy, START + 300 + at).is_empty()),
        "a rate limit does not count as a refusal"
    );
}

#[test]
fn new_network_of_a_known_agent_is_reported_once() {
    let mut watched = Watched::new();
    let from = |address: &str| call(AuditEvent::Intent, Effect::Read, address);
    // While an agent is new, its networks are learnt.
    assert!(watched.note(&from("192.0.2.7"), START).is_empty());
    assert!(watched.note(&from("198.51.100.7"), START + 1).is_empty());
    let later = START + DAY;
    assert!(watched.note(&from("192.0.2.200"), later).is_empty(), "the same network");
    assert_eq!(watched.note(&from("203.0.113.1"), later), ["new_origin"]);
    assert!(watched.note(&from("203.0.113.9"), later).is_empty());
    assert_eq!(watched.note(&from("2001:db8::1"), later), ["new_origin"]);
    assert!(watched.note(&from("2001:db8::1"), later).is_empty());
    // The number of remembered networks is bounded, so an agent that changes networks constantly is not reported for ever.
    let reports =
        (0..50u8).map(|at| watched.note(&from(&format!("10.0.{at}.1")), later).len()).sum::<usize>();
    assert_eq!(reports, MOST_NETWORKS - 4);
}

#[test]
fn ordinary_traffic_is_not_reported() {
    let mut watched = Watched::new();
    let write = call(AuditEvent::Intent, Effect::Write, "192.0.2.7");
    assert_eq!(watched.note(&write, START), ["first_write"]);
    let (mut calls, mut found) = (0, Vec::new());
    for hour in 0..14 * 24 {
        // More calls during the day, one day with five times the usual number, and a few refused calls.
        let peak = if hour / 24 == 9 { 5 } else { 1 };
        for at in 0..(10 + 60 * u64::from((8..18).contains(&(hour % 24)))) * peak {
            let record = match at % 20 {
                0 => refused(OutcomeCode::Unknown),
                5 => refused(OutcomeCode::RateExceeded),
                10 => write.clone(),
                _ => call(
                    AuditEvent::Intent,
                    Effect::Read,
                    if at % 2 == 0 { "192.0.2.7" } else { "192.0.2.8" },
                ),
            };
            found.extend(watched.note(&record, START + hour * HOUR + at));
            calls += 1;
        }
    }
    assert!(found.is_empty() && calls > 10_000, "{calls} {found:?}");
}

#[test]
fn local_caller_is_not_counted_as_an_agent() {
    let mut record = call(AuditEvent::Intent, Effect::Destroy, "::1");
    record.caller = Caller::local(Channel::Stdio);
    assert!(Watched::new().note(&record, START).is_empty());
}

#[test]
fn number_of_agent_profiles_is_bounded() {
    let mut watched = Watched::new();
    let agents = u64::try_from(MOST_AGENTS).unwrap() + 100;
    for agent in 0..agents {
        let mut record = call(AuditEvent::Intent, Effect::Read, "::1");
        record.caller = Caller::new(Principal::Token(format!("a{agent}")), Channel::Http);
        watched.note(&record, START + agent * HOUR);
    }
    assert_eq!(watched.activity.profiles.len(), MOST_AGENTS);
    assert!(!watched.activity.profiles.contains_key("token:a0"));
}

#[test]
fn damaged_file_of_agent_profiles_counts_as_empty() {
    let folder = tempfile::tempdir().unwrap();
    for text in ["", "[]", "{\"token:ci\": 1}", "{\"token:ci\": {\"first\": -1}}", "{"] {
        fs::write(folder.path().join(FILE), text).unwrap();
        assert!(Activity::open(folder.path()).profiles.is_empty(), "{text}");
    }
}
