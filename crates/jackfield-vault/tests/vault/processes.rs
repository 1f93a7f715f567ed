//! Tests several processes that use one vault. The test binary starts itself as a child process. The child process runs one
//! test, whose task is in an environment variable.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jackfield_vault::{Key, Place, Vault};

use crate::{got, new_vault, refusal, secret};

const TASK: &str = "VAULT_TEST_TASK";
const FOLDER: &str = "VAULT_TEST_FOLDER";
const ROUNDS: usize = 500;
/// The number of records that a writer keeps before it removes its oldest record.
const KEPT: usize = 10;
/// The line that a writer prints after each round.
const WRITTEN: &str = "written";
const MOST_LOOKS: usize = 10_000;

fn start(task: &str, place: &Place) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["processes::child_process_helper_runs_the_task_of_its_parent", "--exact", "--nocapture"])
        .env(TASK, task)
        .env(FOLDER, place.folder())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits until the child prints a line that contains the word.
fn said(child: &mut Child, word: &str) {
    let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    assert!(lines.map(Result::unwrap).any(|line| line.contains(word)), "the child ended without {word}");
}

fn names_in(place: &Place) -> Vec<String> {
    let entries = fs::read_dir(place.folder()).unwrap();
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

/// Whether the file names in the folder of a vault show that a writer is in a certain state.
type Moment = fn(&[String]) -> bool;

fn is_unfinished(names: &[String]) -> bool {
    names.iter().any(|name| name.starts_with(".new-"))
}

/// Waits until the folder was seen `times` times in the given state, or was checked often enough. Each state lasts only a short time, so
/// some may be missed.
fn wait_for(place: &Place, moment: Moment, times: usize) {
    let mut was_so = false;
    let mut left = times;
    for _ in 0..MOST_LOOKS {
        let is_so = moment(&names_in(place));
        left -= usize::from(is_so && !was_so);
        if left == 0 {
            return;
        }
        was_so = is_so;
        std::thread::yield_now();
    }
}

/// Is not a test by itself: the child processes of the other tests run it.
#[test]
fn child_process_helper_runs_the_task_of_its_parent() {
    let (Ok(task), Ok(folder)) = (env::var(TASK), env::var(FOLDER)) else { return };
    let mut vault = Vault::open(&Place::new(folder), Key::Any).unwrap();
    match task.as_str() {
        "hold" => {
            let _guard = vault.exclusive("token", Duration::from_secs(10)).unwrap();
            println!("holding");
            // The child runs until it is killed.
            let _ = std::io::stdin().read_line(&mut String::new());
        }
        "refresh" => {
            println!("asking");
            let _guard = vault.exclusive("token", Duration::from_secs(60)).unwrap();
            if got(&vault, "token").unwrap() == "old" {
                vault.put("token", &secret("new")).unwrap();
                vault.put(&format!("refreshed by {}", std::process::id()), &secret("")).unwrap();
            }
        }
        "churn" => {
            println!("churning");
            for at in 0.. {
                vault.put("churned", &secret(&"s".repeat(at % 3000))).unwrap();
                if at % 3 == 0 {
                    vault.rotate(Key::Beside).unwrap();
                }
            }
        }
        writer => {
            for at in 0..ROUNDS {
                vault.put(&format!("{writer}/{at}"), &secret(&format!("{writer} {at}"))).unwrap();
                // The records must survive the writes of the other process. Only a few records are kept, so that the vault stays small.
                if let Some(at) = at.checked_sub(KEPT) {
                    let name = format!("{writer}/{at}");
                    assert_eq!(got(&vault, &name).unwrap(), format!("{writer} {at}"));
                    assert!(vault.remove(&name).unwrap());
                }
                println!("{WRITTEN}");
            }
        }
    }
}

#[test]
fn records_that_two_processes_write_at_once_are_all_kept() {
    let (_folder, place, vault) = new_vault();
    let mut children = ["one", "two"].map(|writer| start(writer, &place));
    // After each round of the first process, a concurrent reader sees a complete file.
    let lines = BufReader::new(children[0].stdout.as_mut().unwrap()).lines().map(Result::unwrap);
    let mut reads = 0;
    for _ in lines.filter(|line| line.contains(WRITTEN)) {
        vault.names().unwrap();
        reads += 1;
    }
    assert_eq!(reads, ROUNDS);
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let expected: BTreeSet<String> = ["one", "two"]
        .iter()
        .flat_map(|writer| (ROUNDS - KEPT..ROUNDS).map(move |at| format!("{writer}/{at}")))
        .collect();
    assert_eq!(vault.names().unwrap().into_iter().collect::<BTreeSet<_>>(), expected);
    assert_eq!(got(&vault, "two/499").unwrap(), "two 499");
}

#[test]
fn old_token_is_refreshed_by_only_one_of_many_processes() {
    let (_folder, place, vault) = new_vault();
    vault.put("token", &secret("old")).unwrap();
    // All processes wait for one lock, so all of them have read the old token before the first process acquires the lock.
    let guard = vault.exclusive("token", Duration::ZERO).unwrap();
    let mut children: Vec<Child> = (0..5).map(|_| start("refresh", &place)).collect();
    children.iter_mut().for_each(|child| said(child, "asking"));
    drop(guard);
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(got(&vault, "token").unwrap(), "new");
    assert_eq!(vault.names().unwrap().len(), 2, "{:?}", vault.names());
}

#[test]
fn named_lock_is_released_when_its_process_crashes() {
    let (_folder, place, vault) = new_vault();
    let mut child = start("hold", &place);
    said(&mut child, "holding");
    let waiting = Instant::now();
    let busy = refusal(vault.exclusive("token", Duration::from_millis(100)));
    assert!(busy.contains("was held by another process for 0.1 s"), "{busy}");
    assert!(waiting.elapsed() >= Duration::from_millis(100));
    // Other locks, and the record with the same name, can still be used.
    let other = vault.exclusive("another", Duration::ZERO).unwrap();
    vault.put("token", &secret("x")).unwrap();
    assert_eq!(got(&vault, "token").unwrap(), "x");
    child.kill().unwrap();
    child.wait().unwrap();
    let guard = vault.exclusive("token", Duration::from_secs(10)).unwrap();
    // A guard can move to another thread, and threads of one process exclude each other.
    std::thread::scope(|scope| {
        scope.spawn(|| assert!(vault.exclusive("token", Duration::from_millis(20)).is_err()));
    });
    std::thread::spawn(move || drop((guard, other))).join().unwrap();
    assert!(vault.exclusive("token", Duration::ZERO).is_ok());
}

#[test]
fn killed_writer_leaves_a_valid_vault() {
    let (_folder, place, vault) = new_vault();
    vault.put("fixed", &secret("fixed")).unwrap();
    let moments: [Moment; 3] = [
        is_unfinished,
        |names| !is_unfinished(names),
        // The rotation has stored the new key, but has not removed the old key yet.
        |names| names.iter().filter(|name| name.starts_with("key-")).count() > 1,
    ];
    for round in 0..25 {
        let mut child = start("churn", &place);
        said(&mut child, "churning");
        wait_for(&place, moments[round % moments.len()], 1 + round / moments.len());
        child.kill().unwrap();
        child.wait().unwrap();
        let vault = Vault::open(&place, Key::Any).unwrap();
        assert_eq!(got(&vault, "fixed").unwrap(), "fixed");
        vault.put("after", &secret("the next write")).unwrap();
    }
    assert!(!is_unfinished(&names_in(&place)));
}
