use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use jackfield_recipe::Effect;
use serde_json::Value;

use super::chain::AuditKey;
use super::files::writers;
use super::head::Head;
use super::journal::AuditJournal;
use super::log::{Log, Retention};
use super::query::{AuditQuery, records};
use super::verify::{AuditReport, verify};
use crate::common::caller::{Caller, Channel, Principal};
use crate::engine::destination::CallDestination;
use crate::engine::outcome_code::OutcomeCode;
use crate::engine::policy::audit::{
    Audit as _, AuditEvent, AuditRecord, FailedAuthentications, RecordedReply,
};
use crate::engine::request::TargetKind;

const SECRET: [u8; 32] = [7; 32];

fn key() -> AuditKey {
    AuditKey::new(&SECRET)
}

fn record(call: u64, event: AuditEvent, effect: Effect) -> AuditRecord {
    AuditRecord {
        call,
        event,
        caller: Caller::new(Principal::Token("ci".to_owned()), Channel::Http),
        kind: TargetKind::Tool,
        name: "create_book".to_owned(),
        operation: None,
        attached: None,
        trace: None,
        effect: Some(effect),
        destination: Some(CallDestination {
            method: "POST".to_owned(),
            origin: "https://books.example.com".to_owned(),
            path: "/books".to_owned(),
        }),
        arguments: [1; 32],
        shown_arguments: None,
        approval: None,
        rule: None,
        attempts: 2,
        answer_bytes: None,
        duration: Duration::from_millis(12),
    }
}

fn ended() -> AuditEvent {
    let reply = RecordedReply::new(201, 17, Some("r-1".to_owned()));
    AuditEvent::Ended { code: OutcomeCode::Done, reply: Some(reply) }
}

/// Writes one closed chain of a hundred records to a folder.
async fn written(folder: &Path, retention: Retention) {
    let journal = AuditJournal::begin(folder, key(), retention, "shop").unwrap();
    for call in 0..50 {
        let effect = if call % 2 == 0 { Effect::Write } else { Effect::Read };
        journal.record(record(call, AuditEvent::Intent, effect)).await.unwrap();
        journal.record(record(call, ended(), effect)).await.unwrap();
    }
}

fn only_file(folder: &Path) -> PathBuf {
    let mut all = writers(folder).unwrap().into_values().flat_map(|files| files.records.into_values());
    let file = all.next().unwrap();
    assert!(all.next().is_none());
    file
}

fn problems(folder: &Path) -> Vec<String> {
    let AuditReport { problems, .. } = verify(folder, &key()).unwrap();
    problems.into_iter().map(|problem| problem.problem).collect()
}

#[tokio::test]
async fn audit_records_of_a_merged_tool_are_found_by_operation() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("audit");
    let journal = AuditJournal::begin(&folder, key(), Retention::default(), "shop").unwrap();
    for operation in [None, Some("add_book"), Some("update_book")] {
        let operation = operation.map(str::to_owned);
        let record = AuditRecord { operation, ..record(1, ended(), Effect::Write) };
        journal.record(record).await.unwrap();
    }
    // Dropping the journal writes the records that are still collected.
    drop(journal);
    let mut query = AuditQuery::default();
    query.members.insert("operation", "update_book".to_owned());
    let found = records(&folder, &query).unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains(r#""name":"create_book","operation":"update_book""#), "{found:?}");
}

#[tokio::test]
async fn audit_records_of_calls_have_all_members_and_can_be_verified() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("audit");
    written(&folder, Retention::default()).await;
    let report = verify(&folder, &key()).unwrap();
    assert_eq!((report.chains, report.records, report.problems.len()), (1, 102, 0), "{:?}", report.problems);
    let mut query = AuditQuery { last: Some(2), ..AuditQuery::default() };
    query.members.insert("effect", "write".to_owned());
    let found: Vec<Value> =
        records(&folder, &query).unwrap().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(found.len(), 2);
    let last = &found[1];
    assert_eq!(last["requests"], 2);
    for (name, value) in [
        ("event", "ended"),
        ("outcome", "done"),
        ("principal", "token:ci"),
        ("channel", "http"),
        ("name", "create_book"),
        ("effect", "write"),
        ("method", "POST"),
        ("origin", "https://books.example.com"),
        ("path", "/books"),
        ("request_id", "r-1"),
    ] {
        assert_eq!(last[name], value, "{name}");
    }
    assert_eq!((&last["status"], &last["bytes"]), (&Value::from(201), &Value::from(17)));
    // Without the key, the digest of the arguments cannot be computed.
    assert_ne!(last["arguments_digest"], jackfield_recipe::hex_encode(&[1; 32]));
}

#[tokio::test]
async fn failed_authentications_are_recorded_and_found_by_client_address() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("audit");
    let journal = AuditJournal::begin(&folder, key(), Retention::default(), "shop").unwrap();
    for (address, attempts) in [(Some("192.0.2.1".to_owned()), 41), (None, 1)] {
        let failed = FailedAuthentications { address, reason: "the token has expired", attempts };
        journal.record_failed(failed).await.unwrap();
    }
    drop(journal);
    assert!(problems(&folder).is_empty());
    let mut query = AuditQuery::default();
    query.members.insert("outcome", "not_authenticated".to_owned());
    assert_eq!(records(&folder, &query).unwrap().len(), 2);
    query.members.insert("address", "192.0.2.1".to_owned());
    let found = records(&folder, &query).unwrap();
    let [record] = found.as_slice() else { panic!("{found:?}") };
    let record: Value = serde_json::from_str(record).unwrap();
    assert_eq!((&record["event"], &record["attempts"]), (&Value::from("refused"), &Value::from(41)));
    assert_eq!(
        (&record["channel"], &record["reason"]),
        (&Value::from("http"), &Value::from("the token has expired"))
    );
}

#[tokio::test]
async fn every_flipped_byte_of_an_audit_chain_is_detected() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("audit");
    let journal = AuditJournal::begin(&folder, key(), Retention::default(), "shop").unwrap();
    journal.record(record(0, AuditEvent::Intent, Effect::Write)).await.unwrap();
    journal.record(record(0, ended(), Effect::Write)).await.unwrap();
    drop(journal);
    let file = only_file(&folder);
    let right = fs::read(&file).unwrap();
    let mut missed = Vec::new();
    for at in 0..right.len() {
        let mut wrong = right.clone();
        wrong[at] ^= 1;
        fs::write(&file, &wrong).unwrap();
        if verify(&folder, &key()).unwrap().problems.is_empty() {
            missed.push(at);
        }
    }
    assert_eq!(missed, [] as [usize; 0], "of {}", right.len());
    fs::write(&file, right).unwrap();
    assert_eq!(problems(&folder), [] as [&str; 0]);
}

#[tokio::test]
async fn removed_inserted_and_exchanged_audit_records_are_detected() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("audit");
    written(&folder, Retention::default()).await;
    let file = only_file(&folder);
    let right = fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = right.lines().collect();
    let tail = |count: usize| {
        lines[..lines.len() - count].iter().map(|line| format!("{line}\n")).collect::<String>()
    };
    let mut without: Vec<&str> = lines.clone();
    without.remove(40);
    let mut exchanged = lines.clone();
    exchanged.swap(40, 41);
    let mut doubled = lines.clone();
    doubled.insert(40, lines[39]);
    let joined = |lines: Vec<&str>| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let without_end = &right[..right.len() - 1];
    for (what, text) in [
        ("cut tail", tail(1)),
        ("long cut tail", tail(60)),
        ("cut within the last record", right[..right.len() - 30].to_owned()),
        ("cut line break", without_end.to_owned()),
        ("empty", String::new()),
        ("removed", joined(without)),
        ("exchanged", joined(exchanged)),
        ("doubled", joined(doubled)),
        ("removed start", joined(lines[3..].to_vec())),
        ("inserted line", right.replacen('\n', "\n{}\n", 1)),
    ] {
        fs::write(&file, text).unwrap();
        assert_ne!(problems(&folder), [] as [&str; 0], "{what}");
    }
    fs::write(&file, &right).unwrap();
    assert_eq!(problems(&folder), [] as [&str; 0]);
}

#[tokio::test]
async fn audit_chain_recomputed_without_the_key_is_detected() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("audit");
    written(&folder, Retention::default()).await;
    let file = only_file(&folder);
    let text = fs::read_to_string(&file).unwrap();
    let writer = writers(&folder).unwrap().into_keys().next().unwrap();
    // A forger rewrites all records with a key of their own.
    let forged = AuditKey::new(&[8; 32]);
    let mut chain = super::chain::Chain { writer, next: 0, last: super::chain::Code::NONE };
    let lines: String = text
        .lines()
        .map(|line| {
            let (start, _) = line.rsplit_once(",\"mac\"").unwrap();
            let fields = start.splitn(3, ',').nth(2).unwrap().replace("POST", "GET");
            chain.add(&forged, &fields)
        })
        .collect();
    fs::write(&file, lines).unwrap();
    assert!(problems(&folder).len() >= 100);
}

#[tokio::test]
async fn removed_audit_chain_is_detected_by_the_next_chain() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("audit");
    written(&folder, Retention::default()).await;
    let first = writers(&folder).unwrap();
    written(&folder, Retention::default()).await;
    assert_eq!(problems(&folder), [] as [&str; 0]);
    for files in first.into_values() {
        files.records.into_values().chain(files.head).for_each(|path| fs::remove_file(path).unwrap());
    }
    let found = problems(&folder);
    assert!(found.len() == 1 && found[0].contains("is missing"), "{found:?}");
}

#[tokio::test]
async fn removal_of_rotated_audit_files_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("audit");
    let keep = |seconds| Retention { file_bytes: 4096, keep: Some(Duration::from_secs(seconds)) };
    written(&folder, keep(3600)).await;
    let before = writers(&folder).unwrap().into_values().next().unwrap().records.len();
    assert!(before > 3, "{before}");
    assert_eq!(problems(&folder), [] as [&str; 0]);
    // With a retention time of zero, only the open file remains, and the removal is recorded.
    written(&folder, keep(0)).await;
    let (records, problems) = (verify(&folder, &key()).unwrap().records, problems(&folder));
    assert_eq!(problems, [] as [&str; 0]);
    assert!(records < 101, "{records}");
}

#[test]
fn failed_audit_write_leaves_a_valid_chain_and_counts_lost_records() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = Log::begin(folder.path(), key(), Retention::default(), "shop").unwrap();
    log.add(&["\"a\":1".to_owned()], true).unwrap();
    log.break_file();
    assert!(log.add(&["\"b\":2".to_owned(), "\"c\":3".to_owned()], true).is_err());
    log.reopen_file();
    log.add(&["\"d\":4".to_owned()], true).unwrap();
    assert_eq!(problems(folder.path()), [] as [&str; 0]);
    let text = fs::read_to_string(only_file(folder.path())).unwrap();
    assert!(text.contains("\"event\":\"lost\"") && text.contains("\"records\":2"), "{text}");
    assert!(!text.contains("\"b\":2") && text.contains("\"d\":4"), "{text}");
}

#[test]
fn audit_record_is_stored_even_if_the_head_file_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = Log::begin(folder.path(), key(), Retention::default(), "shop").unwrap();
    let head = writers(folder.path()).unwrap().into_values().next().unwrap().head.unwrap();
    let sequence = || Head::read(&head, &key()).unwrap().unwrap().sequence;
    log.break_head();
    log.add(&["\"a\":1".to_owned()], true).unwrap();
    assert!(log.is_head_stale() && log.sync().is_err());
    assert_eq!(sequence(), 0);
    log.reopen_head();
    log.sync().unwrap();
    assert!(!log.is_head_stale());
    assert_eq!(sequence(), 1);
    assert_eq!(problems(folder.path()), [] as [&str; 0]);
}

#[test]
fn records_are_not_appended_to_a_file_whose_end_cannot_be_repaired() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("audit");
    fs::create_dir(&folder).unwrap();
    let mut log = Log::begin(&folder, key(), Retention::default(), "shop").unwrap();
    log.add(&["\"a\":1".to_owned()], true).unwrap();
    let first = only_file(&folder);
    let whole = fs::read_to_string(&first).unwrap();
    log.break_file();
    assert!(log.add(&["\"b\":2".to_owned()], true).is_err());
    fs::write(&first, format!("{whole}{{\"writer")).unwrap();
    // While the next file cannot be created, no record is written.
    let hidden = outer.path().join("hidden");
    fs::rename(&folder, &hidden).unwrap();
    assert!(log.add(&["\"c\":3".to_owned()], true).is_err());
    fs::rename(&hidden, &folder).unwrap();
    log.add(&["\"d\":4".to_owned()], true).unwrap();
    let files = writers(&folder).unwrap().into_values().next().unwrap().records;
    assert_eq!(files.len(), 2);
    let text = fs::read_to_string(&files[&2]).unwrap();
    assert!(text.contains("\"event\":\"lost\"") && text.contains("\"d\":4"), "{text}");
    let report = verify(&folder, &key()).unwrap();
    assert_eq!((report.problems.len(), report.torn), (0, 1), "{:?}", report.problems);
    // A truncated file is reported as a problem if another file follows it.
    fs::write(&first, &whole[..whole.len() - 10]).unwrap();
    assert_ne!(problems(&folder), [] as [&str; 0]);
}

#[tokio::test]
async fn expired_audit_chain_is_removed_when_a_server_starts() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("audit");
    let keep = Retention { keep: Some(Duration::from_secs(10 * 86_400)), ..Retention::default() };
    written(&folder, keep).await;
    let file = only_file(&folder);
    // Records from yesterday are kept.
    set_age(&file, 1);
    drop(Log::begin(&folder, key(), keep, "shop").unwrap());
    assert!(file.exists());
    set_age(&file, 11);
    drop(Log::begin(&folder, key(), keep, "shop").unwrap());
    assert!(!file.exists());
    assert_eq!(problems(&folder), [] as [&str; 0]);
}

#[test]
fn running_server_removes_audit_files_after_the_retention_time() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let days = |count: u64| Duration::from_secs(count * 86_400);
    let mut log =
        Log::begin(folder, key(), Retention { keep: Some(days(10)), ..Retention::default() }, "shop")
            .unwrap();
    log.add(&["\"a\":1".to_owned()], true).unwrap();
    let first = only_file(folder);
    let now = SystemTime::now();
    log.tidy(now).unwrap();
    assert_eq!(only_file(folder), first);
    log.tidy(now + days(2)).unwrap();
    let files = || writers(folder).unwrap().into_values().next().unwrap().records;
    assert_eq!(files().len(), 2);
    // A file without records stays open.
    log.tidy(now + days(4)).unwrap();
    assert_eq!(files().len(), 2);
    log.add(&["\"b\":2".to_owned()], true).unwrap();
    set_age(&first, 11);
    log.tidy(now).unwrap();
    assert_eq!(files().into_keys().collect::<Vec<_>>(), [2]);
    assert_eq!(problems(folder), [] as [&str; 0]);
    let text = fs::read_to_string(&files()[&2]).unwrap();
    assert!(text.contains("\"event\":\"removed\""), "{text}");
    // Without a retention time, files are neither closed after a day nor removed.
    let kept = tempfile::tempdir().unwrap();
    let mut log = Log::begin(kept.path(), key(), Retention::default(), "shop").unwrap();
    log.tidy(now + days(1000)).unwrap();
    only_file(kept.path());
}

/// Sets the modification time of a file to the given number of days ago.
fn set_age(path: &Path, days: u64) {
    let time = SystemTime::now() - Duration::from_secs(days * 86_400);
    fs::File::options().append(true).open(path).unwrap().set_modified(time).unwrap();
}

/// The environment variable that tells the child process of the next test the folder in which it writes until it is killed.
const CHILD: &str = "JACKFIELD_AUDIT_TEST_CHILD";

#[tokio::test]
async fn killed_writer_loses_no_synced_record() {
    if let Ok(folder) = std::env::var(CHILD) {
        return write_until_killed(Path::new(&folder)).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("audit");
    let name = "control::audit::tests::killed_writer_loses_no_synced_record";
    let kills =
        std::env::var("JACKFIELD_AUDIT_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(40_u64);
    let mut synced = BTreeSet::new();
    for round in 0..kills {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env(CHILD, &folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        // The child is killed after a different number of synced records in each round.
        let told = lines.by_ref().filter_map(|line| line.strip_prefix("synced ").map(str::to_owned));
        let wanted = 1 + usize::try_from(round * 7 % 31).unwrap();
        synced.extend(told.take(wanted));
        child.kill().unwrap();
        child.wait().unwrap();
        synced.extend(lines.filter_map(|line| line.strip_prefix("synced ").map(str::to_owned)));
    }
    let report = verify(&folder, &key()).unwrap();
    assert_eq!(report.problems, [], "of {} chains", report.chains);
    assert_eq!(u64::try_from(report.chains).unwrap(), kills);
    let text: String = writers(&folder)
        .unwrap()
        .into_values()
        .flat_map(|files| files.records.into_values())
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let lost = synced.iter().filter(|id| !text.contains(&format!("\"approval\":\"{id}\""))).count();
    assert_eq!(lost, 0, "of {}", synced.len());
    println!("{kills} kills, {} synced records, {} torn chains", synced.len(), report.torn);
}

async fn write_until_killed(folder: &Path) {
    let journal = AuditJournal::begin(folder, key(), Retention::default(), "shop").unwrap();
    for call in 0.. {
        let id = format!("{}-{call}", std::process::id());
        let mut intent = record(call, AuditEvent::Intent, Effect::Write);
        intent.approval = Some(id.clone());
        journal.record(intent).await.unwrap();
        println!("synced {id}");
        journal.record(record(call, ended(), Effect::Read)).await.unwrap();
    }
}
