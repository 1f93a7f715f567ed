//! Tasks in the store, so that every process of a connector can answer requests about every task.

use std::sync::Arc;

use jackfield_recipe::hex_encode;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use super::store::error::StoreError;
use super::store::seconds::{signed, unsigned};
use super::store::sqlite::SqliteStore;
use crate::common::clock::Clock;
use crate::common::random::random_bytes;
use crate::engine::pending::Pending;
use crate::engine::policy::Policies;
use crate::engine::running_tasks::RunningTasks;
use crate::engine::task::{SERVER_ENDED, TaskRecord, TaskState, Tasks, TasksError};

/// The number of seconds for which a task is kept. This is longer than the lifetime of an approval.
const LIFETIME: u64 = 25 * 60 * 60;
/// The maximum time, in seconds, until a process that works on a task has to renew its lease.
const LEASE: u64 = 60;
/// The maximum number of working tasks per principal.
const MOST_WORKING: i64 = 32;
/// The maximum number of ended tasks that are kept per principal.
const MOST_ENDED: u32 = 128;

/// The tasks in a store.
#[derive(Clone)]
pub(crate) struct StoredTasks {
    store: SqliteStore,
    clock: Clock,
    running: RunningTasks,
}

impl StoredTasks {
    pub(crate) fn new(store: SqliteStore) -> Self {
        Self { store, clock: Clock::of_machine(), running: RunningTasks::new() }
    }

    #[cfg(test)]
    fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        run: impl FnOnce(&SqliteStore, u64) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, TasksError> {
        let now = self.clock.seconds();
        self.store.run(move |store| run(store, now)).await.map_err(|error| TasksError(error.to_string()))
    }

    /// Fails the tasks whose servers have ended. A running server holds a lease on its tasks.
    fn end_abandoned(&self) -> Result<(), StoreError> {
        let now = self.clock.seconds();
        self.store.change(|it| Ok(end_abandoned(it, now)?))
    }
}

impl Tasks for StoredTasks {
    fn running(&self) -> &RunningTasks {
        &self.running
    }

    fn create<'a>(
        &'a self,
        principal: &'a str,
        message: &'a str,
    ) -> Pending<'a, Result<Option<TaskRecord>, TasksError>> {
        let (principal, message) = (principal.to_owned(), message.to_owned());
        Box::pin(async move {
            let bytes = random_bytes::<16>().map_err(|error| TasksError(error.to_string()))?;
            let id = hex_encode(&bytes[..]);
            let create = move |store: &SqliteStore, now: u64| {
                store.change(|it| {
                    it.execute("DELETE FROM tasks WHERE expires <= ?1", [signed(now)])?;
                    end_abandoned(it, now)?;
                    forget_ended(it, &principal)?;
                    let working: i64 = it.query_row(
                        "SELECT count(*) FROM tasks WHERE principal = ?1 AND state = 'working'",
                        [&principal],
                        |row| row.get(0),
                    )?;
                    if working >= MOST_WORKING {
                        return Ok(None);
                    }
                    let (expires, lease) = (signed(now + LIFETIME), signed(now + LEASE));
                    it.execute(
                        "INSERT INTO tasks VALUES (?1, ?2, 'working', NULL, ?3, ?4, ?4, ?5, ?6)",
                        params![id, principal, message, signed(now), expires, lease],
                    )?;
                    Ok(found(it, &id, &principal, now)?)
                })
            };
            self.run(create).await
        })
    }

    fn get<'a>(
        &'a self,
        id: &'a str,
        principal: &'a str,
    ) -> Pending<'a, Result<Option<TaskRecord>, TasksError>> {
        let (id, principal) = (id.to_owned(), principal.to_owned());
        Box::pin(self.run(move |store, now| store.read(|it| Ok(found(it, &id, &principal, now)?))))
    }

    fn keep<'a>(&'a self, id: &'a str, message: Option<&'a str>) -> Pending<'a, Result<bool, TasksError>> {
        let (id, message) = (id.to_owned(), message.map(str::to_owned));
        Box::pin(self.run(move |store, now| {
            store.change(|it| {
                let changed = it.execute(
                    "UPDATE tasks SET lease = ?2, updated = CASE WHEN ?3 IS NULL THEN updated ELSE ?4 END, \
                     message = coalesce(?3, message) WHERE id = ?1 AND state = 'working'",
                    params![id, signed(now + LEASE), message, signed(now)],
                )?;
                Ok(changed > 0)
            })
        }))
    }

    fn finish<'a>(&'a self, id: &'a str, state: TaskState) -> Pending<'a, Result<(), TasksError>> {
        let id = id.to_owned();
        Box::pin(self.run(move |store, now| {
            let (name, content) = match state {
                TaskState::Working => return Ok(()),
                TaskState::Completed(result) => ("completed", Some(result)),
                TaskState::Failed(error) => ("failed", Some(error)),
                TaskState::Cancelled => ("cancelled", None),
            };
            store.change(|it| {
                let update = "UPDATE tasks SET state = ?2, content = ?3, updated = ?4 \
                              WHERE id = ?1 AND state = 'working' RETURNING principal";
                let principal: Option<String> = it
                    .query_row(update, params![id, name, content, signed(now)], |row| row.get(0))
                    .optional()?;
                if let Some(principal) = principal {
                    forget_ended(it, &principal)?;
                }
                Ok(())
            })
        }))
    }

    fn cancel<'a>(
        &'a self,
        id: &'a str,
        principal: &'a str,
    ) -> Pending<'a, Result<Option<TaskRecord>, TasksError>> {
        let (id, principal) = (id.to_owned(), principal.to_owned());
        Box::pin(self.run(move |store, now| {
            store.change(|it| {
                it.execute(
                    "UPDATE tasks SET state = 'cancelled', updated = ?3 \
                     WHERE id = ?1 AND principal = ?2 AND state = 'working'",
                    params![id, principal, signed(now)],
                )?;
                forget_ended(it, &principal)?;
                Ok(found(it, &id, &principal, now)?)
            })
        }))
    }
}

/// Fails working tasks whose lease has expired, because their process has ended.
fn end_abandoned(it: &Transaction<'_>, now: u64) -> Result<(), rusqlite::Error> {
    it.execute(
        "UPDATE tasks SET state = 'failed', content = ?2, updated = ?1 WHERE state = 'working' AND lease <= ?1",
        params![signed(now), SERVER_ENDED],
    )?;
    Ok(())
}

/// Deletes the oldest ended tasks of a principal that has too many ended tasks.
fn forget_ended(it: &Transaction<'_>, principal: &str) -> Result<(), rusqlite::Error> {
    it.execute(
        "DELETE FROM tasks WHERE principal = ?1 AND state <> 'working' AND id NOT IN (SELECT id FROM tasks \
         WHERE principal = ?1 AND state <> 'working' ORDER BY updated DESC, rowid DESC LIMIT ?2)",
        params![principal, MOST_ENDED],
    )?;
    Ok(())
}

fn found(
    it: &Connection,
    id: &str,
    principal: &str,
    now: u64,
) -> Result<Option<TaskRecord>, rusqlite::Error> {
    it.query_row(
        "SELECT * FROM tasks WHERE id = ?1 AND principal = ?2 AND expires > ?3",
        params![id, principal, signed(now)],
        |row| record(row, now),
    )
    .optional()
}

fn record(row: &Row<'_>, now: u64) -> Result<TaskRecord, rusqlite::Error> {
    let (name, content): (String, Option<String>) = (row.get("state")?, row.get("content")?);
    let content = content.unwrap_or_default();
    let state = match name.as_str() {
        // The lease has expired, so the process of the task has ended.
        "working" if unsigned(row, "lease")? <= now => TaskState::Failed(SERVER_ENDED.to_owned()),
        "working" => TaskState::Working,
        "completed" => TaskState::Completed(content),
        "cancelled" => TaskState::Cancelled,
        _ => TaskState::Failed(content),
    };
    Ok(TaskRecord {
        id: row.get("id")?,
        principal: row.get("principal")?,
        state,
        message: row.get("message")?,
        created: unsigned(row, "created")?,
        updated: unsigned(row, "updated")?,
        expires: unsigned(row, "expires")?,
    })
}

impl Policies {
    /// Lets calls that wait for a person continue as tasks, for clients that support tasks.
    #[must_use]
    pub fn tasks(mut self, store: SqliteStore) -> Self {
        let tasks = StoredTasks::new(store);
        if let Err(error) = tasks.end_abandoned() {
            tracing::warn!(%error, "the tasks of earlier servers could not be marked as failed");
        }
        self.tasks = Some(Arc::new(tasks));
        self
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    fn tasks() -> (StoredTasks, Arc<AtomicU64>) {
        let now = Arc::new(AtomicU64::new(1000));
        let shown = Arc::clone(&now);
        let clock = Clock::of(move || UNIX_EPOCH + Duration::from_secs(shown.load(Ordering::Relaxed)));
        (StoredTasks::new(SqliteStore::in_memory().unwrap()).with_clock(clock), now)
    }

    #[tokio::test]
    async fn task_is_visible_only_to_its_caller() {
        let (tasks, _) = tasks();
        let task = tasks.create("a", "waits").await.unwrap().unwrap();
        assert_eq!((task.state.clone(), task.message.as_str()), (TaskState::Working, "waits"));
        assert_eq!(tasks.get(&task.id, "a").await, Ok(Some(task.clone())));
        assert_eq!(tasks.get(&task.id, "b").await, Ok(None));
        assert_eq!(tasks.cancel(&task.id, "b").await, Ok(None));
        assert_eq!(tasks.keep(&task.id, None).await, Ok(true));
        assert_eq!(tasks.cancel(&task.id, "a").await.unwrap().unwrap().state, TaskState::Cancelled);
    }

    #[tokio::test]
    async fn ended_task_does_not_change() {
        let (tasks, _) = tasks();
        let task = tasks.create("a", "waits").await.unwrap().unwrap();
        tasks.cancel(&task.id, "a").await.unwrap();
        assert_eq!(tasks.keep(&task.id, None).await, Ok(false));
        tasks.finish(&task.id, TaskState::Completed("{}".to_owned())).await.unwrap();
        assert_eq!(tasks.get(&task.id, "a").await.unwrap().unwrap().state, TaskState::Cancelled);
        let other = tasks.create("a", "waits").await.unwrap().unwrap();
        tasks.finish(&other.id, TaskState::Completed("{}".to_owned())).await.unwrap();
        let ended = tasks.cancel(&other.id, "a").await.unwrap().unwrap();
        assert_eq!(ended.state, TaskState::Completed("{}".to_owned()));
    }

    #[tokio::test]
    async fn task_of_a_stopped_server_fails_and_is_deleted_when_it_expires() {
        let (tasks, now) = tasks();
        let task = tasks.create("a", "waits").await.unwrap().unwrap();
        now.store(1000 + LEASE - 1, Ordering::Relaxed);
        assert_eq!(tasks.keep(&task.id, Some("still waits")).await, Ok(true));
        now.store(1000 + 2 * LEASE - 2, Ordering::Relaxed);
        assert_eq!(tasks.get(&task.id, "a").await.unwrap().unwrap().message, "still waits");
        now.store(1000 + 2 * LEASE, Ordering::Relaxed);
        let state = tasks.get(&task.id, "a").await.unwrap().unwrap().state;
        assert!(matches!(state, TaskState::Failed(error) if error.contains("the server stopped")));
        now.store(1000 + LIFETIME, Ordering::Relaxed);
        assert_eq!(tasks.get(&task.id, "a").await, Ok(None));
    }

    #[tokio::test]
    async fn starting_server_fails_only_tasks_of_servers_that_have_ended() {
        let (tasks, now) = tasks();
        let dead = tasks.create("a", "waits").await.unwrap().unwrap();
        let alive = tasks.create("a", "waits").await.unwrap().unwrap();
        now.store(1000 + LEASE - 1, Ordering::Relaxed);
        assert_eq!(tasks.keep(&alive.id, None).await, Ok(true));
        now.store(1000 + LEASE, Ordering::Relaxed);
        let restarted = StoredTasks::new(tasks.store.clone()).with_clock(tasks.clock.clone());
        restarted.end_abandoned().unwrap();
        let state = |id: String| {
            let read = |it: &Connection| {
                Ok(it.query_row("SELECT state FROM tasks WHERE id = ?1", [id], |row| {
                    row.get::<_, String>(0)
                })?)
            };
            tasks.store.read(read).unwrap()
        };
        assert_eq!((state(dead.id.clone()), state(alive.id.clone())), ("failed".into(), "working".into()));
        // A running process still holds a lease on the other task, so this task continues.
        assert_eq!(tasks.keep(&alive.id, None).await, Ok(true));
        assert_eq!(tasks.keep(&dead.id, None).await, Ok(false));
    }

    #[tokio::test]
    async fn ended_tasks_of_a_principal_are_bounded() {
        let (tasks, now) = tasks();
        let other = tasks.create("b", "").await.unwrap().unwrap();
        tasks.finish(&other.id, TaskState::Cancelled).await.unwrap();
        let working = tasks.create("a", "").await.unwrap().unwrap();
        let mut ids = Vec::new();
        for at in 0..u64::from(MOST_ENDED) + 2 {
            now.store(1000 + at / 3, Ordering::Relaxed);
            let task = tasks.create("a", "").await.unwrap().unwrap();
            match at % 2 {
                0 => tasks.finish(&task.id, TaskState::Completed("{}".to_owned())).await.unwrap(),
                _ => drop(tasks.cancel(&task.id, "a").await.unwrap()),
            }
            ids.push(task.id);
        }
        let mut kept = Vec::new();
        for id in &ids {
            kept.push(tasks.get(id, "a").await.unwrap().is_some());
        }
        assert!(!kept[0] && !kept[1] && kept[2..].iter().all(|is_kept| *is_kept), "{kept:?}");
        assert!(tasks.get(&working.id, "a").await.unwrap().is_some());
        assert!(tasks.get(&other.id, "b").await.unwrap().is_some());
    }

    #[tokio::test]
    async fn working_tasks_of_a_principal_are_bounded() {
        let (tasks, _) = tasks();
        for _ in 0..MOST_WORKING {
            assert!(tasks.create("a", "").await.unwrap().is_some());
        }
        assert_eq!(tasks.create("a", "").await, Ok(None));
        assert!(tasks.create("b", "").await.unwrap().is_some());
    }
}
