//! Several processes use one vault. The test binary starts itself; the child runs one test with a task from its
//! environment.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jackfield_vault::{Key, Place, Vault};

use crate::{got, place, refusal, secret};

const TASK: &str = "VAULT_TEST_TASK";
const FOLDER: &str = "VAULT_TEST_FOLDER";
const ROUNDS: usize = 500;
/// How many records a writer keeps before it removes its oldest.
const KEPT: usize = 10;

fn start(task: &str, place: &Place) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["processes::child_process_does_its_task", "--exact", "--nocapture"])
        .env(TASK, task)
        .env(FOLDER, place.folder())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits until the child prints this word.
fn said(child: &mut Child, word: &str) {
    let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    assert!(lines.map(Result::unwrap).any(|line| line.contains(word)), "the child ended without {word}");
}

/// Not a test by itself: it does the tasks of the child processes.
#[test]
fn child_process_does_its_task() {
    let (Ok(task), Ok(folder)) = (env::var(TASK), env::var(FOLDER)) else { return };
    let mut vault = Vault::open(&Place::new(folder), Key::Any).unwrap();
    match task.as_str() {
        "hold" => {
            let _guard = vault.exclusive("token", Duration::from_secs(10)).unwrap();
            println!("holding");
            std::thread::sleep(Duration::from_secs(60));
        }
        "refresh" => {
            let _guard = vault.exclusive("token", Duration::from_secs(60)).unwrap();
            if got(&vault, "token").unwrap() == "old" {
                std::thread::sleep(Duration::from_millis(200));
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
                // Records must survive the writes of the other process. Few are kept, so that the vault stays small.
                if let Some(at) = at.checked_sub(KEPT) {
                    let name = format!("{writer}/{at}");
                    assert_eq!(got(&vault, &name).unwrap(), format!("{writer} {at}"));
                    assert!(vault.remove(&name).unwrap());
                }
            }
        }
    }
}

#[test]
fn concurrent_processes_lose_no_record() {
    let (_folder, place) = place();
    let vault = Vault::create(&place, Key::Beside).unwrap();
    let start_time = Instant::now();
    let mut children = ["one", "two"].map(|writer| start(writer, &place));
    // A concurrent reader always sees a whole file.
    let mut reads = 0;
    while children.iter_mut().any(|child| child.try_wait().unwrap().is_none()) {
        vault.names().unwrap();
        reads += 1;
        std::thread::sleep(Duration::from_millis(1));
        assert!(start_time.elapsed() < Duration::from_secs(120), "the processes take too long");
    }
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let expected: BTreeSet<String> = ["one", "two"]
        .iter()
        .flat_map(|writer| (ROUNDS - KEPT..ROUNDS).map(move |at| format!("{writer}/{at}")))
        .collect();
    assert_eq!(vault.names().unwrap().into_iter().collect::<BTreeSet<_>>(), expected);
    assert_eq!(got(&vault, "two/499").unwrap(), "two 499");
    eprintln!("1,000 rounds of two processes and {reads} reads in {:?}", start_time.elapsed());
}

#[test]
fn concurrent_processes_refresh_once() {
    let (_folder, place) = place();
    let vault = Vault::create(&place, Key::Beside).unwrap();
    vault.put("token", &secret("old")).unwrap();
    let children: Vec<Child> = (0..5).map(|_| start("refresh", &place)).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(got(&vault, "token").unwrap(), "new");
    assert_eq!(vault.names().unwrap().len(), 2, "{:?}", vault.names());
}

#[test]
fn named_lock_waits_and_is_released_by_a_crash() {
    let (_folder, place) = place();
    let vault = Vault::create(&place, Key::Beside).unwrap();
    let mut child = start("hold", &place);
    said(&mut child, "holding");
    let waiting = Instant::now();
    let busy = refusal(vault.exclusive("token", Duration::from_millis(300)));
    assert!(busy.contains("was held by another process for 0.3 s"), "{busy}");
    assert!((300..3000).contains(&waiting.elapsed().as_millis()));
    // Other locks, and records of the same name, are not locked.
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
fn killed_writer_leaves_a_vault_that_opens() {
    let (_folder, place) = place();
    let vault = Vault::create(&place, Key::Beside).unwrap();
    vault.put("fixed", &secret("fixed")).unwrap();
    for round in 0..25 {
        let mut child = start("churn", &place);
        said(&mut child, "churning");
        std::thread::sleep(Duration::from_millis(7 * round % 60));
        child.kill().unwrap();
        child.wait().unwrap();
        let vault = Vault::open(&place, Key::Any).unwrap();
        assert_eq!(got(&vault, "fixed").unwrap(), "fixed");
        vault.put("after", &secret("a write goes on")).unwrap();
    }
    let left = fs::read_dir(place.folder()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(!left.into_iter().any(|name| name.to_string_lossy().starts_with(".new-")));
}
