//! Copies of a registry are complete, follow changes, and poll rarely.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jackfield_registry::{ApiError, LocalCopy, Poll, Scope, ServerName, Status, SyncError, SyncOutcome};
use jackfield_testkit::{Answer, RegistryItem, generated_items, malformed_items};
use serde_json::json;
use support::{Site, item};

const COUNT: usize = 50_000;

#[test]
fn registry_of_fifty_thousand_entries_is_copied_completely() {
    let items = generated_items(COUNT, 19);
    let wanted: Vec<RegistryItem> = items.clone();
    let site = Site::new(items);
    let mut copy = site.copy();
    let mut progress = Vec::new();
    let synced = copy
        .sync(&mut site.client(), &support::options(Poll::IfDue, 0), &mut |count| progress.push(count))
        .unwrap();
    let malformed = malformed_items(COUNT);
    assert_eq!((synced.outcome, synced.pages, synced.entries), (SyncOutcome::Done, 500, COUNT as u64));
    assert_eq!((synced.changed, synced.malformed), ((COUNT - malformed) as u64, malformed as u64));
    assert_eq!(synced.described.len(), 20);
    assert_eq!(progress, (1..=500).map(|page| page * 100).collect::<Vec<u64>>());
    assert_eq!(copy.state().unwrap().entries, (COUNT - malformed) as u64);
    let mut targets = site.mock.take_targets();
    assert_eq!(targets.len(), 500);
    targets.sort();
    targets.dedup();
    assert_eq!(targets.len(), 500, "a page was read twice");
    let mut exported = Vec::new();
    copy.export(&mut exported).unwrap();
    let exported: std::collections::BTreeSet<&[u8]> = exported.split(|byte| *byte == b'\n').collect();
    let missing = wanted.iter().filter(|item| !exported.contains(item.text.as_bytes())).count();
    assert_eq!(missing, malformed);
}

#[test]
fn deprecated_deleted_and_older_versions_are_found_only_on_request() {
    let time = "2026-01-01T00:00:00Z";
    let site = Site::new(vec![
        item("com.example/active", "1.0.0", time, &json!({ "isLatest": false })),
        item("com.example/active", "1.1.0", time, &json!({})),
        item(
            "com.example/deprecated",
            "1.0.0",
            time,
            &json!({ "status": "deprecated", "statusMessage": "old" }),
        ),
        item("com.example/deleted", "1.0.0", time, &json!({ "status": "deleted" })),
    ]);
    let mut copy = site.copy();
    site.sync(&mut copy, Poll::IfDue, 0).unwrap();
    let found = |scope| {
        let hits = copy.find("time of a city", 10, scope).unwrap();
        let mut found: Vec<_> =
            hits.into_iter().map(|hit| (hit.name, hit.version, hit.status, hit.kinds)).collect();
        found.sort_by(|one, other| one.0.cmp(&other.0));
        found
    };
    let row = |name: &str, version: &str, status| {
        (format!("com.example/{name}"), version.to_owned(), status, vec!["npm".to_owned()])
    };
    assert_eq!(found(Scope::Active), [row("active", "1.1.0", Status::Active)]);
    assert_eq!(
        found(Scope::All),
        [
            row("active", "1.1.0", Status::Active),
            row("deleted", "1.0.0", Status::Deleted),
            row("deprecated", "1.0.0", Status::Deprecated),
        ]
    );
    let name = ServerName::parse("com.example/active").unwrap();
    let versions = copy.versions(&name).unwrap();
    assert_eq!(versions.iter().map(|it| it.version.as_str()).collect::<Vec<_>>(), ["1.1.0", "1.0.0"]);
    assert_eq!(copy.entry(&name, None).unwrap().unwrap().version.as_str(), "1.1.0");
    assert_eq!(
        copy.entry(&name, Some(&versions[1].version)).unwrap().unwrap().official.is_latest,
        Some(false)
    );
}

#[test]
fn second_sync_reads_only_entries_that_changed() {
    let site = Site::new(generated_items(3_000, 3));
    let mut copy = site.copy();
    site.sync(&mut copy, Poll::IfDue, 0).unwrap();
    copy.prepare_find().unwrap();
    site.mock.take_targets();
    let time = "2027-01-01T00:00:00Z";
    let name = ServerName::parse("com.example/clock").unwrap();
    site.mock.publish(item(name.as_str(), "1.0.0", time, &json!({})));
    let synced = site.sync(&mut copy, Poll::IfDue, 3_600).unwrap();
    // The entries of the last twelve hours, of which there is one in each minute.
    assert!(synced.changed == 1 && (700..750).contains(&synced.entries), "{synced:?}");
    let targets = site.mock.take_targets();
    assert!(targets[0].contains("&updated_since=2026-01-"), "{targets:?}");
    assert_eq!(copy.find("clock", 1, Scope::Active).unwrap()[0].name, name.as_str());

    // The latest version changes, and the first one is withdrawn.
    let time = "2027-01-02T00:00:00Z";
    site.mock.publish(item(name.as_str(), "1.0.0", time, &json!({ "isLatest": false, "status": "deleted" })));
    site.mock.publish(item(name.as_str(), "1.1.0", time, &json!({})));
    site.sync(&mut copy, Poll::IfDue, 7_200).unwrap();
    assert!(site.mock.take_targets()[0].contains("&updated_since=2026-12-31T12%3A00%3A00Z"));
    let versions = copy.versions(&name).unwrap();
    let shown: Vec<_> = versions.iter().map(|it| (it.version.as_str(), it.official.status)).collect();
    assert_eq!(shown, [("1.1.0", Status::Active), ("1.0.0", Status::Deleted)]);
    assert_eq!(copy.find("clock", 1, Scope::Active).unwrap()[0].version, "1.1.0");

    // Entries within the overlap are read again, but change nothing.
    let again = site.sync(&mut copy, Poll::IfDue, 10_800).unwrap();
    assert_eq!((again.entries, again.changed), (2, 0));
}

#[test]
fn time_of_an_entry_in_the_future_does_not_hide_later_changes() {
    let site = Site::new(vec![item("com.example/future", "1.0.0", "2999-01-01T00:00:00Z", &json!({}))]);
    let mut copy = site.copy();
    site.sync(&mut copy, Poll::IfDue, 0).unwrap();
    site.mock.publish(item("com.example/clock", "1.0.0", "2027-01-15T08:00:01Z", &json!({})));
    site.sync(&mut copy, Poll::IfDue, 3_600).unwrap();
    assert_eq!(copy.find("clock", 5, Scope::Active).unwrap().len(), 1);
}

#[test]
fn registry_is_polled_at_most_once_an_hour_unless_a_person_asks() {
    let site = Site::new(generated_items(10, 3));
    let mut copy = site.copy();
    for (poll, after, outcome) in [
        (Poll::IfDue, 0, SyncOutcome::Done),
        (Poll::IfDue, 3_599, SyncOutcome::Recent),
        (Poll::Now, 3_599, SyncOutcome::Done),
        (Poll::IfDue, 3_600, SyncOutcome::Recent),
        (Poll::IfDue, 7_199, SyncOutcome::Done),
    ] {
        let synced = site.sync(&mut copy, poll, after).unwrap();
        assert_eq!(synced.outcome, outcome, "{after}");
        assert_eq!(site.mock.take_targets().is_empty(), outcome == SyncOutcome::Recent, "{after}");
    }
}

#[test]
fn registry_that_asks_to_wait_is_not_contacted_before() {
    let count = Arc::new(AtomicUsize::new(0));
    let asked = Arc::clone(&count);
    let site = Site::with(generated_items(300, 3), move |_| {
        let is_second = asked.fetch_add(1, Ordering::SeqCst) == 1;
        is_second.then(|| Answer::json(429, &json!({ "error": "slow down" })).header("retry-after", "120"))
    });
    let mut copy = site.copy();
    let error = site.sync(&mut copy, Poll::IfDue, 0).unwrap_err();
    assert_eq!(error.to_string(), "the registry asks to wait (status 429); try again in 120 seconds");
    for (poll, after) in [(Poll::IfDue, 1), (Poll::Now, 119)] {
        let error = site.sync(&mut copy, poll, after).unwrap_err();
        assert!(matches!(error, SyncError::Api(ApiError::Busy { .. })), "{error}");
    }
    assert_eq!(count.load(Ordering::SeqCst), 2);
    let synced = site.sync(&mut copy, Poll::IfDue, 120).unwrap();
    assert_eq!((synced.outcome, synced.pages), (SyncOutcome::Done, 2));
    assert_eq!(copy.state().unwrap().entries, 300);
}

#[test]
fn sync_continues_at_the_page_at_which_the_registry_failed() {
    let count = Arc::new(AtomicUsize::new(0));
    let asked = Arc::clone(&count);
    let site = Site::with(generated_items(1_000, 5), move |_| match asked.fetch_add(1, Ordering::SeqCst) {
        4 => Some(Answer::hang_up()),
        5 => Some(Answer::json(500, &json!({ "error": "database is down\u{1b}[2J" }))),
        6 => Some(Answer::text(200, "{\"servers\":[{\"server\"").cut_after(10)),
        _ => None,
    });
    let mut copy = site.copy();
    for (attempt, after) in [0, 60, 120].into_iter().enumerate() {
        let error = site.sync(&mut copy, Poll::IfDue, after).unwrap_err();
        assert!(!error.to_string().contains('\u{1b}'), "{error}");
        let state = copy.state().unwrap();
        assert!(
            state.entries >= 399 && state.is_interrupted && state.synced_at.is_none(),
            "{attempt} {state:?}"
        );
        // A failed sync is not repeated at once unasked.
        let soon = site.sync(&mut copy, Poll::IfDue, after + 59).unwrap();
        assert_eq!(soon.outcome, SyncOutcome::Recent);
    }
    let synced = site.sync(&mut copy, Poll::IfDue, 180).unwrap();
    assert_eq!((synced.outcome, synced.pages), (SyncOutcome::Done, 6));
    assert!(copy.state().unwrap().synced_at.is_some());
    assert_eq!(count.load(Ordering::SeqCst), 13, "10 pages and 3 failures");
}

#[test]
fn cursor_that_the_registry_no_longer_accepts_begins_the_sync_again() {
    let count = Arc::new(AtomicUsize::new(0));
    let asked = Arc::clone(&count);
    let site = Site::with(generated_items(300, 5), move |_| match asked.fetch_add(1, Ordering::SeqCst) {
        1 => Some(Answer::hang_up()),
        2 => Some(Answer::json(400, &json!({ "error": "invalid cursor" }))),
        _ => None,
    });
    let mut copy = site.copy();
    site.sync(&mut copy, Poll::Now, 0).unwrap_err();
    let synced = site.sync(&mut copy, Poll::Now, 0).unwrap();
    assert_eq!((synced.outcome, synced.pages), (SyncOutcome::Done, 3));
    assert_eq!(copy.state().unwrap().entries, 300);
}

#[test]
fn registry_at_a_path_is_read_with_percent_encoded_names() {
    let site = Site::new(generated_items(50, 5));
    let address =
        jackfield_registry::RegistryAddress::parse(&format!("{}/sub/registry/", site.mock.address()))
            .unwrap();
    let mut client = support::client(&address);
    let page = client.page(None, None).unwrap();
    let entry = &page.items[0].entry;
    site.mock.take_targets();
    assert_eq!(client.entry(&entry.name, Some(&entry.version)).unwrap().entry, *entry);
    assert!(!client.versions(&entry.name).unwrap().items.is_empty());
    let name = entry.name.as_str().replace('/', "%2F");
    let version = &entry.version;
    assert_eq!(
        site.mock.take_targets(),
        [
            format!("/sub/registry/v0.1/servers/{name}/versions/{version}?include_deleted=true"),
            format!("/sub/registry/v0.1/servers/{name}/versions?include_deleted=true"),
        ]
    );
    let unknown = ServerName::parse("com.example/unknown").unwrap();
    assert_eq!(client.entry(&unknown, None), Err(ApiError::NotFound));
    // A copy of each registry is a file of its own.
    drop(LocalCopy::open(&site.copies(), &address).unwrap());
    drop(site.copy());
    let databases = support::files(&site.copies()).into_iter().filter(|name| name.ends_with(".sqlite3"));
    assert_eq!(databases.count(), 2);
}
