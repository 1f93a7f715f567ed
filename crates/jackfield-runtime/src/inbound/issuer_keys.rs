//! The cached keys of an issuer.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Mutex as AsyncMutex;

use super::algorithm::{Algorithm, PublicKey};
use super::issuer_server::{IssuerError, IssuerServer};
use super::key_set::KeySet;
use crate::common::clock::Clock;

/// The number of seconds after which cached keys are fetched again.
const TIME_TO_LIVE: u64 = 10 * 60;

/// The number of seconds for which cached keys are used while the issuer does not answer.
const MAX_AGE: u64 = 24 * 60 * 60;

/// The minimum number of seconds between two fetches, if a key id is unknown or a fetch has failed.
const PAUSE: u64 = 60;

/// The minimum number of seconds between two fetches while no keys are known. The number is small: if a server starts before its issuer, it
/// accepts tokens soon after the issuer has started.
const FIRST_PAUSE: u64 = 5;

/// The keys of an issuer. Cheap to clone.
#[derive(Clone)]
pub(crate) struct IssuerKeys(Arc<Shared>);

struct Shared {
    fetch: Fetch,
    clock: Clock,
    state: Mutex<State>,
    /// Ensures that only one fetch is in flight.
    fetching: Arc<AsyncMutex<()>>,
}

/// The function that fetches the keys.
type Fetch = Box<dyn Fn() -> Fetching + Send + Sync>;
pub(super) type Fetching = std::pin::Pin<Box<dyn Future<Output = Result<KeySet, IssuerError>> + Send>>;

#[derive(Clone, Default)]
struct State {
    keys: Option<Arc<KeySet>>,
    /// The number of the current key set, which increases with each changed set.
    number: u64,
    /// The time at which the keys were fetched.
    fetched: u64,
    /// The time at which the last fetch began.
    tried: Option<u64>,
    failed: Option<IssuerError>,
}

impl State {
    fn age(&self, now: u64) -> u64 {
        now.saturating_sub(self.fetched)
    }

    fn is_fresh(&self, now: u64) -> bool {
        self.keys.is_some() && self.age(now) < TIME_TO_LIVE
    }

    /// Returns the cached keys, unless they are older than the maximum age.
    fn usable(&self, now: u64) -> Option<&Arc<KeySet>> {
        self.keys.as_ref().filter(|_| self.age(now) < MAX_AGE)
    }

    fn may_fetch(&self, now: u64) -> bool {
        let pause = if self.keys.is_some() { PAUSE } else { FIRST_PAUSE };
        self.tried.is_none_or(|tried| now.saturating_sub(tried) >= pause)
    }
}

impl IssuerKeys {
    pub(crate) fn of(server: IssuerServer, clock: Clock) -> Self {
        let server = Arc::new(server);
        Self::new(clock, move || {
            let server = Arc::clone(&server);
            Box::pin(async move { server.fetch().await })
        })
    }

    pub(super) fn new(clock: Clock, fetch: impl Fn() -> Fetching + Send + Sync + 'static) -> Self {
        let (fetch, state, fetching) = (Box::new(fetch), Mutex::default(), Arc::default());
        Self(Arc::new(Shared { fetch, clock, state, fetching }))
    }

    /// Fetches the keys in the background. A server calls this when it starts, so that a wrong issuer is reported
    /// early.
    pub(super) fn prefetch(&self) {
        let this = self.clone();
        tokio::spawn(async move { this.refresh().await });
    }

    /// Returns the number of the current key set, if it is fresh.
    pub(super) fn fresh_number(&self) -> Option<u64> {
        let now = self.0.clock.seconds();
        let state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.is_fresh(now).then_some(state.number)
    }

    /// Calls a function with the keys that may have signed a token, and with the number of the key set.
    ///
    /// # Errors
    /// Returns an error if the keys are not known, because the issuer does not answer.
    pub(super) async fn with_candidates<T>(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
        check: impl FnOnce(&[&PublicKey], u64) -> T,
    ) -> Result<T, IssuerError> {
        let mut state = self.state();
        let now = self.0.clock.seconds();
        if state.failed.is_some() && state.usable(now).is_some() {
            // The request does not wait for the fetch, because an issuer that does not answer would delay every
            // request.
            if !state.is_fresh(now) && state.may_fetch(now) && self.0.fetching.try_lock().is_ok() {
                self.prefetch();
            }
        } else if !state.is_fresh(now) {
            state = self.refresh().await;
        }
        let knows = |state: &State| {
            let keys = state.usable(self.0.clock.seconds());
            keys.is_some_and(|keys| !keys.candidates(id, algorithm).is_empty())
        };
        // The issuer may have a new key. A token can contain any key id, so the fetches for unknown key ids have a
        // stricter limit.
        if !knows(&state) && state.keys.is_some() && state.may_fetch(self.0.clock.seconds()) {
            state = self.refresh().await;
        }
        match state.usable(self.0.clock.seconds()) {
            Some(keys) => Ok(check(&keys.candidates(id, algorithm), state.number)),
            None => Err(state.failed.unwrap_or(IssuerError::Waiting)),
        }
    }

    fn state(&self) -> State {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Fetches the keys, unless a fetch began recently. Waits for a fetch that is in flight.
    async fn refresh(&self) -> State {
        let guard = Arc::clone(&self.0.fetching).lock_owned().await;
        let now = self.0.clock.seconds();
        if !self.state().may_fetch(now) {
            return self.state();
        }
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner).tried = Some(now);
        // The fetch runs in a separate task, so that a disconnected client does not cancel it while other requests
        // wait for it.
        let this = self.clone();
        let fetching = tokio::spawn(async move {
            let fetched = (this.0.fetch)().await;
            let mut state = this.0.state.lock().unwrap_or_else(PoisonError::into_inner);
            match fetched {
                Ok(keys) => {
                    if state.keys.as_deref() != Some(&keys) {
                        state.number += 1;
                        state.keys = Some(Arc::new(keys));
                    }
                    state.fetched = now;
                    state.failed = None;
                }
                Err(error) => {
                    tracing::warn!(%error, "the keys of the issuer could not be fetched");
                    state.failed = Some(error);
                }
            }
            drop(state);
            drop(guard);
        });
        let _ = fetching.await;
        self.state()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

    /// The keys of an issuer whose answer a test can change, with a test clock and a counter of fetches.
    struct World {
        keys: IssuerKeys,
        time: Arc<AtomicU64>,
        answer: Arc<Mutex<Result<KeySet, IssuerError>>>,
        fetches: Arc<AtomicUsize>,
        /// Whether fetches hang.
        hangs: Arc<AtomicBool>,
    }

    fn key_set(ids: &[&str]) -> KeySet {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let keys: Vec<String> = ids
            .iter()
            .map(|id| format!(r#"{{"kty":"OKP","crv":"Ed25519","kid":"{id}","x":"{x}"}}"#))
            .collect();
        KeySet::parse(format!(r#"{{"keys":[{}]}}"#, keys.join(",")).as_bytes()).unwrap()
    }

    impl World {
        fn new(answer: Result<KeySet, IssuerError>) -> Self {
            let (time, fetches) = (Arc::new(AtomicU64::new(1_000_000)), Arc::new(AtomicUsize::new(0)));
            let answer = Arc::new(Mutex::new(answer));
            let (clock, answers, count) = (Arc::clone(&time), Arc::clone(&answer), Arc::clone(&fetches));
            let hangs = Arc::new(AtomicBool::new(false));
            let hanging = Arc::clone(&hangs);
            let now =
                move || std::time::UNIX_EPOCH + std::time::Duration::from_secs(clock.load(Ordering::SeqCst));
            let keys = IssuerKeys::new(Clock::of(now), move || {
                count.fetch_add(1, Ordering::SeqCst);
                let answer = answers.lock().unwrap().clone();
                let hangs = hanging.load(Ordering::SeqCst);
                Box::pin(async move {
                    tokio::task::yield_now().await;
                    if hangs {
                        std::future::pending::<()>().await;
                    }
                    answer
                })
            });
            Self { keys, time, answer, fetches, hangs }
        }

        fn pass(&self, seconds: u64) {
            self.time.fetch_add(seconds, Ordering::SeqCst);
        }

        fn answer(&self, answer: Result<KeySet, IssuerError>) {
            *self.answer.lock().unwrap() = answer;
        }

        /// Returns the number of keys that match a key id, and the number of fetches so far.
        async fn ask(&self, id: &str) -> (Result<usize, IssuerError>, usize) {
            let found = self.keys.with_candidates(Some(id), Algorithm::EdDsa, |keys, _| keys.len()).await;
            (found, self.fetches.load(Ordering::SeqCst))
        }

        /// Waits until a background fetch has ended.
        async fn fetched(&self, times: usize) {
            while self.fetches.load(Ordering::SeqCst) < times {
                tokio::task::yield_now().await;
            }
            drop(self.keys.0.fetching.lock().await);
        }
    }

    #[tokio::test]
    async fn unknown_key_id_causes_at_most_one_fetch_a_minute() {
        let world = World::new(Ok(key_set(&["a"])));
        assert_eq!(world.ask("a").await, (Ok(1), 1));
        for _ in 0..100 {
            assert_eq!(world.ask("b").await, (Ok(0), 1));
        }
        world.answer(Ok(key_set(&["a", "b"])));
        world.pass(59);
        assert_eq!(world.ask("b").await, (Ok(0), 1));
        world.pass(1);
        assert_eq!(world.ask("b").await, (Ok(1), 2));
        assert_eq!(world.ask("c").await, (Ok(0), 2));
        assert_eq!(world.ask("a").await, (Ok(1), 2));
    }

    #[tokio::test]
    async fn concurrent_requests_cause_one_fetch_of_the_keys() {
        let world = Arc::new(World::new(Ok(key_set(&["a"]))));
        let asking: Vec<_> = (0..50)
            .map(|at| {
                let world = Arc::clone(&world);
                tokio::spawn(async move { world.ask(if at % 2 == 0 { "a" } else { "b" }).await.0 })
            })
            .collect();
        for (at, asked) in asking.into_iter().enumerate() {
            assert_eq!(asked.await.unwrap(), Ok(usize::from(at % 2 == 0)));
        }
        assert_eq!(world.fetches.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn key_removed_by_the_issuer_is_refused_after_ten_minutes() {
        let world = World::new(Ok(key_set(&["a", "b"])));
        assert_eq!(world.ask("a").await, (Ok(1), 1));
        let number = world.keys.fresh_number();
        world.answer(Ok(key_set(&["b"])));
        world.pass(TIME_TO_LIVE - 1);
        assert_eq!((world.ask("a").await, world.keys.fresh_number()), ((Ok(1), 1), number));
        world.pass(1);
        assert_eq!(world.keys.fresh_number(), None);
        assert_eq!(world.ask("a").await, (Ok(0), 2));
        assert!(world.keys.fresh_number() > number);
    }

    #[tokio::test]
    async fn cached_keys_are_used_for_a_day_while_the_issuer_is_down() {
        let world = World::new(Ok(key_set(&["a"])));
        assert_eq!(world.ask("a").await, (Ok(1), 1));
        let down = IssuerError::Status { address: "https://id.example.com".to_owned(), status: 503 };
        world.answer(Err(down.clone()));
        world.pass(TIME_TO_LIVE);
        for _ in 0..10 {
            assert_eq!(world.ask("a").await, (Ok(1), 2));
        }
        // The last fetch failed, so requests do not wait for the next fetch.
        world.pass(PAUSE);
        assert_eq!(world.ask("a").await.0, Ok(1));
        world.fetched(3).await;
        assert_eq!(world.ask("a").await, (Ok(1), 3));
        world.pass(MAX_AGE);
        assert_eq!(world.ask("a").await, (Err(down), 4));
        world.answer(Ok(key_set(&["a"])));
        world.pass(PAUSE);
        assert_eq!(world.ask("a").await, (Ok(1), 5));
    }

    #[tokio::test]
    async fn requests_do_not_wait_for_an_issuer_that_failed_before() {
        let world = World::new(Ok(key_set(&["a"])));
        assert_eq!(world.ask("a").await, (Ok(1), 1));
        world.answer(Err(IssuerError::Waiting));
        world.pass(TIME_TO_LIVE);
        assert_eq!(world.ask("a").await, (Ok(1), 2));
        world.hangs.store(true, Ordering::SeqCst);
        for _ in 0..3 {
            world.pass(PAUSE);
            for _ in 0..10 {
                let steps = async {
                    for _ in 0..100 {
                        tokio::task::yield_now().await;
                    }
                };
                tokio::select! {
                    biased;
                    (found, _) = world.ask("a") => assert_eq!(found, Ok(1)),
                    () = steps => panic!("the request waits for the issuer"),
                }
            }
            // The fetch in the background begins, and does not end.
            while world.fetches.load(Ordering::SeqCst) < 3 {
                tokio::task::yield_now().await;
            }
        }
        assert_eq!(world.fetches.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn server_accepts_tokens_of_an_issuer_that_started_later() {
        let world = World::new(Err(IssuerError::Waiting));
        assert_eq!(world.ask("a").await, (Err(IssuerError::Waiting), 1));
        assert_eq!(world.ask("a").await, (Err(IssuerError::Waiting), 1));
        world.answer(Ok(key_set(&["a"])));
        world.pass(FIRST_PAUSE);
        assert_eq!(world.ask("a").await, (Ok(1), 2));
    }

    #[tokio::test]
    async fn disconnected_client_does_not_cancel_the_key_fetch() {
        let world = Arc::new(World::new(Ok(key_set(&["a"]))));
        let asking = Arc::clone(&world);
        let first = tokio::spawn(async move { asking.ask("a").await });
        while world.fetches.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        first.abort();
        let _ = first.await;
        assert_eq!(world.ask("a").await, (Ok(1), 1));
    }
}
