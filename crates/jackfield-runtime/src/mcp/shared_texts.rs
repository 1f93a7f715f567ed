//! A cache of the serialized tools whose definitions all callers share. Each version of a source is serialized once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jackfield_recipe::Effect;

use super::tools::text_of;
use crate::common::caller::Caller;
use crate::engine::source::Source;

/// The JSON of a tool, and the properties on which the rights to it depend.
pub(super) struct ToolText {
    pub(super) name: String,
    pub(super) effect: Effect,
    pub(super) text: String,
}

/// The serialized tools of one version of a source.
pub(super) type Texts = Arc<[ToolText]>;

/// The serialized tools by the number of the source, each with the version of the source.
#[derive(Default)]
pub(super) struct SharedTexts(Mutex<HashMap<usize, (u64, Texts)>>);

impl SharedTexts {
    /// Returns the serialized tools of a source. Concurrent callers wait until the first caller has serialized them.
    pub(super) fn get(&self, number: usize, source: &dyn Source, caller: &Caller) -> Texts {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The version is read first, so that a concurrent change causes another serialization at the next call.
        let version = source.version();
        if let Some((_, texts)) = known.get(&number).filter(|(known, _)| *known == version) {
            return Arc::clone(texts);
        }
        let shared = source.shared_tools(caller);
        let is_shared = shared.is_some();
        let tools = shared.unwrap_or_else(|| source.tools(caller));
        let texts = tools.filter_map(|tool| {
            let (name, effect) = (tool.name.clone(), tool.effect);
            Some(ToolText { name, effect, text: text_of(tool)? })
        });
        let texts: Texts = texts.collect();
        // The caller may have received separate definitions meanwhile, which must not be cached for other callers.
        if is_shared {
            known.insert(number, (version, Arc::clone(&texts)));
        }
        texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    use crate::common::caller::Channel;
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

        fn shared_tools(&self, _: &Caller) -> Option<Box<dyn Iterator<Item = Listed> + '_>> {
            self.reads.fetch_add(1, Ordering::Relaxed);
            Some(Box::new(std::iter::once(Listed {
                name: format!("tool_{}", self.version()),
                title: String::new(),
                description: "Does it".to_owned(),
                input: serde_json::Map::new(),
                output: None,
                effect: Effect::Write,
                idempotent: false,
                further: serde_json::Map::new(),
            })))
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
        let caller = Caller::local(Channel::CommandLine);
        let first = texts.get(0, &source, &caller);
        assert!(first[0].text.contains("\"name\":\"tool_0\"") && first[0].effect == Effect::Write);
        assert!(Arc::ptr_eq(&first, &texts.get(0, &source, &caller)));
        assert_eq!(source.reads.load(Ordering::Relaxed), 1);
        source.version.store(1, Ordering::Relaxed);
        assert_eq!(texts.get(0, &source, &caller)[0].name, "tool_1");
        assert_eq!(source.reads.load(Ordering::Relaxed), 2);
    }
}
