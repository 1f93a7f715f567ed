//! Encrypts the state that a client sends back with its answers (`requestState`).

use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use super::request_binding::RequestBinding;
use super::spent_states::{SpentInMemory, SpentStates};
use crate::common::clock::Clock;
use crate::common::random::random_bytes;

/// The maximum number of seconds that a person has to answer the questions of one response.
const LIFETIME_SECONDS: u64 = 600;

/// The maximum length of a state. A state contains all earlier answers, and the client has to send it back.
const LONGEST: usize = 256 * 1024;

/// Encrypts and decrypts request states.
///
/// A state is encrypted because it contains a person's answers. It is authenticated together with the request for
/// which it was created. It expires, and can be used only once.
pub(in crate::mcp) struct RequestStates {
    /// The key. The inner value is `None` if the operating system provides no random bytes.
    key: OnceLock<Option<LessSafeKey>>,
    spent: Arc<dyn SpentStates>,
    clock: Clock,
}

/// The reason why a state cannot be created or used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StateError {
    NoRandomBytes,
    TooLong,
    /// The state was modified, or was created for another request, by another caller or by another process.
    Foreign,
    Expired,
    Spent,
}

impl RequestStates {
    /// Uses a random key, so that only this process can decrypt the states.
    pub(in crate::mcp) fn new() -> Self {
        Self { key: OnceLock::new(), spent: Arc::new(SpentInMemory::default()), clock: Clock::of_machine() }
    }

    /// Uses a shared key. Processes with the same key and the same record of used states accept each other's
    /// states.
    #[allow(dead_code, reason = "several processes behind one address will share a key")]
    pub(in crate::mcp) fn shared(key: &[u8; 32], spent: Arc<dyn SpentStates>) -> Self {
        let states = Self { spent, ..Self::new() };
        let _ = states.key.set(key_of(key));
        states
    }

    fn key(&self) -> Result<&LessSafeKey, StateError> {
        let key = self.key.get_or_init(|| random_bytes::<32>().ok().and_then(|bytes| key_of(&bytes)));
        key.as_ref().ok_or(StateError::NoRandomBytes)
    }

    /// Encrypts `content` into a state that only a repetition of the request in `binding` can use.
    pub(super) fn seal(&self, binding: &RequestBinding, content: &[u8]) -> Result<String, StateError> {
        if content.len() > LONGEST {
            return Err(StateError::TooLong);
        }
        let key = self.key()?;
        let id = random_bytes::<NONCE_LEN>().map_err(|_| StateError::NoRandomBytes)?;
        let expires = self.clock.seconds() + LIFETIME_SECONDS;
        let mut sealed = [&expires.to_be_bytes(), content].concat();
        let nonce = Nonce::assume_unique_for_key(*id);
        key.seal_in_place_append_tag(nonce, Aad::from(binding.digest()), &mut sealed)
            .map_err(|_| StateError::TooLong)?;
        Ok(URL_SAFE_NO_PAD.encode([id.as_slice(), &sealed].concat()))
    }

    /// Decrypts the state of a repeated request, and marks the state as used.
    pub(super) async fn open(&self, binding: &RequestBinding, state: &str) -> Result<Vec<u8>, StateError> {
        if state.len() > 2 * LONGEST {
            return Err(StateError::Foreign);
        }
        let bytes = URL_SAFE_NO_PAD.decode(state).map_err(|_| StateError::Foreign)?;
        let (id, sealed) = bytes.split_first_chunk::<NONCE_LEN>().ok_or(StateError::Foreign)?;
        let mut sealed = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*id);
        let opened = self.key()?.open_in_place(nonce, Aad::from(binding.digest()), &mut sealed);
        let opened = opened.map_err(|_| StateError::Foreign)?;
        let (expires, content) = opened.split_first_chunk::<8>().ok_or(StateError::Foreign)?;
        let (expires, now) = (u64::from_be_bytes(*expires), self.clock.seconds());
        if expires <= now {
            return Err(StateError::Expired);
        }
        match self.spent.spend(&binding.principal(), *id, expires, now).await {
            true => Ok(content.to_vec()),
            false => Err(StateError::Spent),
        }
    }
}

fn key_of(bytes: &[u8; 32]) -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, bytes).ok().map(LessSafeKey::new)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::{Duration, UNIX_EPOCH};

    use serde_json::json;

    use super::*;
    use crate::common::caller::{Caller, Capabilities, Channel, Principal};

    fn binding(caller: Caller, name: &str, arguments: serde_json::Value) -> RequestBinding {
        RequestBinding::new(caller, "tools/call", name, arguments.as_object().unwrap())
    }

    fn ours() -> RequestBinding {
        binding(Caller::local(Channel::Http), "pay", json!({ "amount": 5, "to": "a" }))
    }

    #[tokio::test]
    async fn request_state_is_accepted_once_for_the_same_request() {
        let states = RequestStates::new();
        let state = states.seal(&ours(), b"content").unwrap();
        assert!(!state.contains("content"));
        let reordered = binding(Caller::local(Channel::Http), "pay", json!({ "to": "a", "amount": 5 }));
        assert_eq!(states.open(&reordered, &state).await, Ok(b"content".to_vec()));
        assert_eq!(states.open(&ours(), &state).await, Err(StateError::Spent));
    }

    #[tokio::test]
    async fn request_state_of_another_request_is_refused() {
        let states = RequestStates::new();
        let local = || Caller::local(Channel::Http);
        let other = Caller::new(Principal::Token("robot".to_owned()), Channel::Http);
        let able = local().with_capabilities(Capabilities::default().elicitation(true));
        for foreign in [
            binding(other, "pay", json!({ "amount": 5, "to": "a" })),
            binding(able, "pay", json!({ "amount": 5, "to": "a" })),
            binding(local(), "refund", json!({ "amount": 5, "to": "a" })),
            binding(local(), "pay", json!({ "amount": 6, "to": "a" })),
            binding(local(), "pay", json!({})),
            ours().with_method("prompts/get"),
        ] {
            let state = states.seal(&foreign, b"content").unwrap();
            assert_eq!(states.open(&ours(), &state).await, Err(StateError::Foreign), "{foreign:?}");
        }
        let elsewhere = RequestStates::new().seal(&ours(), b"content").unwrap();
        assert_eq!(states.open(&ours(), &elsewhere).await, Err(StateError::Foreign));
    }

    #[tokio::test]
    async fn modified_request_state_is_refused() {
        let states = RequestStates::new();
        let state = states.seal(&ours(), b"content").unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(&state).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let changed = URL_SAFE_NO_PAD.encode(changed);
            assert_eq!(states.open(&ours(), &changed).await, Err(StateError::Foreign), "{at}");
            let cut = URL_SAFE_NO_PAD.encode(&bytes[..at]);
            assert_eq!(states.open(&ours(), &cut).await, Err(StateError::Foreign), "{at}");
        }
        for text in ["", "x", &format!("{state}-TAMPERED"), &"A".repeat(3 * LONGEST)] {
            assert_eq!(states.open(&ours(), text).await, Err(StateError::Foreign));
        }
        assert!(states.open(&ours(), &state).await.is_ok());
    }

    #[tokio::test]
    async fn expired_request_state_is_refused() {
        let now = Arc::new(AtomicU64::new(1_000));
        let shown = Arc::clone(&now);
        let clock = Clock::of(move || UNIX_EPOCH + Duration::from_secs(shown.load(Ordering::Relaxed)));
        let states = RequestStates { clock, ..RequestStates::new() };
        let [early, late] = [0; 2].map(|_| states.seal(&ours(), b"content").unwrap());
        now.store(1_599, Ordering::Relaxed);
        assert!(states.open(&ours(), &early).await.is_ok());
        now.store(1_600, Ordering::Relaxed);
        assert_eq!(states.open(&ours(), &late).await, Err(StateError::Expired));
    }

    #[tokio::test]
    async fn processes_that_share_key_and_store_accept_request_states_of_each_other() {
        let spent = Arc::new(SpentInMemory::default());
        let [one, other] = [0; 2].map(|_| RequestStates::shared(&[7; 32], Arc::clone(&spent) as _));
        let state = one.seal(&ours(), b"content").unwrap();
        assert!(other.open(&ours(), &state).await.is_ok());
        assert_eq!(one.open(&ours(), &state).await, Err(StateError::Spent));
    }

    #[test]
    fn request_state_with_too_long_content_is_refused() {
        let states = RequestStates::new();
        assert_eq!(states.seal(&ours(), &vec![0; LONGEST + 1]), Err(StateError::TooLong));
    }
}
