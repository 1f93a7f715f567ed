//! The questions that tasks ask their client, in the store.

use rusqlite::{OptionalExtension as _, params};

use super::store::error::StoreError;
use super::store::seconds::signed;
use super::tasks::StoredTasks;
use crate::engine::pending::Pending;
use crate::engine::task::{TaskAnswers, TaskQuestion, TaskQuestions, TasksError};

impl TaskQuestions for StoredTasks {
    fn ask<'a>(&'a self, id: &'a str, questions: Vec<TaskQuestion>) -> Pending<'a, Result<bool, TasksError>> {
        let id = id.to_owned();
        Box::pin(self.run(move |store, _| {
            store.change(|it| {
                let works: Option<i64> = it
                    .query_row("SELECT 1 FROM tasks WHERE id = ?1 AND state = 'working'", [&id], |row| {
                        row.get(0)
                    })
                    .optional()?;
                if works.is_none() {
                    return Ok(false);
                }
                for TaskQuestion { key, request } in questions {
                    it.execute(
                        "INSERT INTO task_questions VALUES (?1, ?2, ?3, NULL)",
                        params![id, key, request],
                    )?;
                }
                Ok(true)
            })
        }))
    }

    fn open<'a>(&'a self, id: &'a str) -> Pending<'a, Result<Vec<TaskQuestion>, TasksError>> {
        let id = id.to_owned();
        Box::pin(self.run(move |store, _| {
            store.read(|it| {
                let mut query = it.prepare(
                    "SELECT key, request FROM task_questions WHERE task = ?1 AND answer IS NULL ORDER BY key",
                )?;
                let found = query
                    .query_map([&id], |row| Ok(TaskQuestion { key: row.get(0)?, request: row.get(1)? }))?;
                Ok(found.collect::<Result<_, _>>()?)
            })
        }))
    }

    fn answer<'a>(
        &'a self,
        id: &'a str,
        principal: &'a str,
        answers: TaskAnswers,
    ) -> Pending<'a, Result<bool, TasksError>> {
        let (id, principal) = (id.to_owned(), principal.to_owned());
        Box::pin(self.run(move |store, now| {
            store.change(|it| {
                let found: Option<i64> = it
                    .query_row(
                        "SELECT 1 FROM tasks WHERE id = ?1 AND principal = ?2 AND expires > ?3",
                        params![id, principal, signed(now)],
                        |row| row.get(0),
                    )
                    .optional()?;
                if found.is_none() {
                    return Ok(false);
                }
                for (key, answer) in answers {
                    it.execute(
                        "UPDATE task_questions SET answer = ?3 WHERE task = ?1 AND key = ?2 AND answer IS NULL",
                        params![id, key, answer],
                    )?;
                }
                Ok(true)
            })
        }))
    }

    fn take_answers<'a>(&'a self, id: &'a str) -> Pending<'a, Result<Option<TaskAnswers>, TasksError>> {
        let id = id.to_owned();
        Box::pin(self.run(move |store, _| {
            // Most polls find that a question is still open. Then nothing has to be written.
            let is_open = |it: &rusqlite::Connection| -> Result<bool, StoreError> {
                let query = "SELECT count(*) FROM task_questions WHERE task = ?1 AND answer IS NULL";
                Ok(it.query_row(query, [&id], |row| row.get::<_, i64>(0))? > 0)
            };
            if store.read(is_open)? {
                return Ok(None);
            }
            store.change(|it| {
                let mut query = it.prepare("SELECT key, answer FROM task_questions WHERE task = ?1")?;
                let found = query.query_map([&id], |row| Ok((row.get(0)?, row.get(1)?)))?;
                let found: TaskAnswers = found.collect::<Result<_, _>>()?;
                drop(query);
                it.execute("DELETE FROM task_questions WHERE task = ?1", [&id])?;
                Ok(Some(found))
            })
        }))
    }

    fn forget<'a>(&'a self, id: &'a str) -> Pending<'a, Result<(), TasksError>> {
        let id = id.to_owned();
        Box::pin(self.run(move |store, _| {
            store.change(|it| {
                it.execute("DELETE FROM task_questions WHERE task = ?1", [&id])?;
                Ok(())
            })
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::store::sqlite::SqliteStore;
    use crate::engine::task::{TaskState, Tasks as _};

    fn question(key: &str) -> TaskQuestion {
        TaskQuestion { key: key.to_owned(), request: "{}".to_owned() }
    }

    fn answers(keys: &[&str]) -> TaskAnswers {
        keys.iter().map(|key| ((*key).to_owned(), format!("\"{key}\""))).collect()
    }

    #[tokio::test]
    async fn task_question_is_answered_once_and_only_by_the_principal_of_the_task() {
        let tasks = StoredTasks::new(SqliteStore::in_memory().unwrap());
        let task = tasks.create("a", "asks").await.unwrap().unwrap();
        assert_eq!(tasks.ask(&task.id, vec![question("1"), question("2")]).await, Ok(true));
        assert_eq!(tasks.answer(&task.id, "b", answers(&["1", "2"])).await, Ok(false));
        assert_eq!(tasks.answer(&task.id, "a", answers(&["1", "3"])).await, Ok(true));
        assert_eq!(tasks.open(&task.id).await, Ok(vec![question("2")]));
        assert_eq!(tasks.take_answers(&task.id).await, Ok(None));
        let again = vec![("1".to_owned(), "0".to_owned()), ("2".to_owned(), "\"2\"".to_owned())];
        assert_eq!(tasks.answer(&task.id, "a", again).await, Ok(true));
        assert_eq!(tasks.take_answers(&task.id).await, Ok(Some(answers(&["1", "2"]))));
        assert_eq!(tasks.take_answers(&task.id).await, Ok(Some(Vec::new())));
    }

    #[tokio::test]
    async fn ended_task_cannot_ask_questions() {
        let tasks = StoredTasks::new(SqliteStore::in_memory().unwrap());
        let task = tasks.create("a", "asks").await.unwrap().unwrap();
        tasks.finish(&task.id, TaskState::Cancelled).await.unwrap();
        assert_eq!(tasks.ask(&task.id, vec![question("1")]).await, Ok(false));
    }
}
