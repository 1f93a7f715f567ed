//! A cache of the serialized tools whose definitions all callers share. Each version of a source is serialized once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::tools::ToolText;
use crate::engine::source::Source;

/// The serialized tools of one version of a source.
pub(super) type Texts = Arc<[ToolText]>;

/// The serialized tools by the number of the source, each with the version of the source.
#[derive(Default)]
pub(super) struct SharedTexts(Mutex<HashMap<usize, (u64, Texts)>>);

impl SharedTexts {
    /// Returns the serialized tools of a source. Concurrent callers wait until the first caller has serialized them.
    pub(super) fn get(&self, number: usize, source: &dyn Source) -> Texts {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The version is read first, so that a concurrent change causes another serialization at the next call.
        let version = source.version();
        if let Some((_, texts)) = known.get(&number).filter(|(known, _)| *known == version) {
            return Arc::clone(texts);
        }
        let texts: Texts = source.shared_tools().filter_map(ToolText::of).collect();
        known.insert(number, (version, Arc::clone(&texts)));
        texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    use jackfield_recipe::Effect;

    use crate::engine::answer::Answered;
    use crate::engine::context::ActiveCall;
    use crate::engine::error::CallError;
    use crate::engine::listing::Listed;
    use crate::engine::prepared::Prepared;
    use crate::engine::request::SourceRequest;
    use crate::engine::source::CallFuture;

    /// A source that counts how often its tools are read.
    #[derive(Default)]
    struct Counting {
        version: AtomicU64,
        reads: AtomicU64,
    }

    impl Source for Counting {
        fn version(&self) -> u64 {
            self.version.load(Ordering::Relaxed)
        }

        fn shared_tools(&self) -> Box<dyn Iterator<Item = Listed> + '_> {
            self.reads.fetch_add(1, Ordering::Relaxed);
            Box::new(std::iter::once(Listed {
                name: format!("tool_{}", self.version()),
                title: String::new(),
                description: "Does it".to_owned(),
                input: serde_json::Map::new(),
                output: None,
                effect: Effect::Write,
                idempotent: false,
                further: serde_json::Map::new(),
            }))
        }

        fn effect(&self, _: &SourceRequest) -> Option<Effect> {
            None
        }

        fn prepare<'a>(&'a self, request: SourceRequest, _: &'a ActiveCall) -> CallFuture<'a, Prepared> {
            Box::pin(async move { Err(CallError::unknown(&request)) })
        }

        fn send<'a>(&'a self, _: Prepared, _: &'a ActiveCall) -> CallFuture<'a, Answered> {
            Box::pin(async { Err(CallError::unknown_tool("tool")) })
        }
    }

    #[test]
    fn tools_are_serialized_once_per_version_of_their_source() {
        let (texts, source) = (SharedTexts::default(), Counting::default());
        let first = texts.get(0, &source);
        assert!(first[0].text.contains("\"name\":\"tool_0\"") && first[0].effect == Effect::Write);
        assert!(Arc::ptr_eq(&first, &texts.get(0, &source)));
        assert_eq!(source.reads.load(Ordering::Relaxed), 1);
        source.version.store(1, Ordering::Relaxed);
        assert_eq!(texts.get(0, &source)[0].name, "tool_1");
        assert_eq!(source.reads.load(Ordering::Relaxed), 2);
    }
}
