//! Copies that several processes use, that are interrupted, or that are damaged.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test is a panic by design")]

mod support;

use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;

use jackfield_registry::{CopyError, LocalCopy, Poll, RegistryAddress, Scope, SyncOutcome};
use jackfield_testkit::{Answer, generated_items};
use support::Site;

/// The variables with which this binary is started as another process.
const ADDRESS: &str = "TEST_REGISTRY_ADDRESS";
const FOLDER: &str = "TEST_REGISTRY_FOLDER";

/// The other process: copies a registry until it is killed.
#[test]
fn other_process() {
    let (Ok(address), Ok(folder)) = (std::env::var(ADDRESS), std::env::var(FOLDER)) else { return };
    let address = RegistryAddress::parse(&address).unwrap();
    let mut copy = LocalCopy::open(&PathBuf::from(folder), &address).unwrap();
    let options = support::options(Poll::Now, 0);
    copy.sync(&mut support::client(&address), &options, &mut |_| ()).unwrap();
}

#[test]
fn sync_of_a_killed_process_is_continued_by_another() {
    let (sender, reached) = channel();
    let count = AtomicUsize::new(0);
    let site = Site::with(generated_items(1_000, 11), move |_| {
        // The fifth page never comes.
        (count.fetch_add(1, Ordering::SeqCst) == 4).then(|| {
            sender.send(()).unwrap();
            Answer::hang()
        })
    });
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "other_process", "--nocapture"])
        .env(ADDRESS, site.mock.address())
        .env(FOLDER, site.copies())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    reached.recv().unwrap();
    // While the other process waits, this one uses the pages that are there, and does not read them a second time.
    let mut copy = site.copy();
    assert_eq!(site.sync(&mut copy, Poll::Now, 0).unwrap().outcome, SyncOutcome::ByAnotherProcess);
    assert!((399..=400).contains(&copy.state().unwrap().entries));
    assert!(!copy.find("weather", 5, Scope::Active).unwrap().is_empty());
    child.kill().unwrap();
    child.wait().unwrap();
    let synced = site.sync(&mut copy, Poll::IfDue, 0).unwrap();
    assert_eq!((synced.outcome, synced.pages), (SyncOutcome::Done, 6));
    assert_eq!(copy.state().unwrap().entries, 999);
}

#[test]
fn two_processes_that_start_at_once_read_the_registry_once() {
    let site = Site::new(generated_items(2_000, 12));
    drop(site.copy());
    let spawn = || {
        let (address, folder) = (site.address(), site.copies());
        std::thread::spawn(move || {
            let mut copy = LocalCopy::open(&folder, &address).unwrap();
            let options = support::options(Poll::IfDue, 0);
            copy.sync(&mut support::client(&address), &options, &mut |_| ()).unwrap().outcome
        })
    };
    let outcomes: Vec<SyncOutcome> =
        (0..4).map(|_| spawn()).collect::<Vec<_>>().into_iter().map(|it| it.join().unwrap()).collect();
    assert_eq!(outcomes.iter().filter(|it| **it == SyncOutcome::Done).count(), 1, "{outcomes:?}");
    assert_eq!(site.mock.take_targets().len(), 20);
    assert_eq!(site.copy().state().unwrap().entries, 1_998);
}

#[test]
fn file_that_is_not_a_database_is_set_aside_and_read_again() {
    let site = Site::new(generated_items(200, 13));
    let mut copy = site.copy();
    site.sync(&mut copy, Poll::IfDue, 0).unwrap();
    drop(copy);
    let database = database_of(&site);
    std::fs::write(&database, "this is not a database, but it is long enough to have a head".repeat(50))
        .unwrap();
    let mut copy = site.copy();
    let aside = copy.set_aside().unwrap().to_owned();
    assert!(aside.is_file() && aside.to_string_lossy().ends_with(".damaged"));
    let synced = site.sync(&mut copy, Poll::IfDue, 0).unwrap();
    assert!(synced.is_replaced && synced.outcome == SyncOutcome::Done, "{synced:?}");
    assert_eq!(copy.state().unwrap().entries, 200);
    drop(copy);
    assert_eq!(site.copy().set_aside(), None);
}

#[test]
fn database_with_damaged_pages_is_reported_and_replaced_by_the_next_sync() {
    let site = Site::new(generated_items(2_000, 13));
    let mut copy = site.copy();
    site.sync(&mut copy, Poll::IfDue, 0).unwrap();
    drop(copy);
    let mut file = std::fs::OpenOptions::new().read(true).write(true).open(database_of(&site)).unwrap();
    let mut page_size = [0; 2];
    file.seek(SeekFrom::Start(16)).unwrap();
    file.read_exact(&mut page_size).unwrap();
    let (page, length) = (u64::from(u16::from_be_bytes(page_size)), file.metadata().unwrap().len());
    // Everything but the table of tables, which is needed to open the database.
    for begin in (page * 3..length).step_by(page as usize) {
        file.seek(SeekFrom::Start(begin)).unwrap();
        file.write_all(&[0x55; 64]).unwrap();
    }
    drop(file);
    let mut copy = site.copy();
    let error = copy.find("weather", 5, Scope::Active).unwrap_err();
    assert!(matches!(error, CopyError::Damaged(_)), "{error}");
    let synced = site.sync(&mut copy, Poll::Now, 0).unwrap();
    assert!(synced.is_replaced && synced.outcome == SyncOutcome::Done, "{synced:?}");
    assert_eq!(copy.state().unwrap().entries, 1_998);
    assert!(!copy.find("weather", 5, Scope::Active).unwrap().is_empty());
}

#[test]
fn copy_of_a_newer_version_is_refused_and_kept() {
    let site = Site::new(generated_items(10, 13));
    drop(site.copy());
    let connection = rusqlite::Connection::open(database_of(&site)).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let error = LocalCopy::open(&site.copies(), &site.address()).unwrap_err();
    assert_eq!(error, CopyError::Newer);
    assert!(database_of(&site).is_file());
}

#[cfg(unix)]
#[test]
fn folder_of_copies_that_others_can_enter_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let site = Site::new(Vec::new());
    drop(site.copy());
    let mode = std::fs::metadata(site.copies()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    std::fs::set_permissions(site.copies(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let error = LocalCopy::open(&site.copies(), &site.address()).unwrap_err();
    assert!(error.to_string().contains("chmod 700"), "{error}");
}

fn database_of(site: &Site) -> PathBuf {
    let names = support::files(&site.copies());
    let name = names.iter().find(|name| name.ends_with(".sqlite3") && !name.contains(".lock."));
    site.copies().join(name.unwrap())
}
