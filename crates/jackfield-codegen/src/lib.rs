//! Prints the tools of a connector as Rust source, into files in memory.
//!
//! Names are decided earlier ([`Surface`]), so printing is a pure function of model and names. Generated
//! code is simple on purpose: one constant and one sync function per operation, no generics, no derives, no
//! macros.

mod emit;
mod files;
mod json;
mod layout;
mod lock;
mod mock_replies;
mod plain;
mod render;
mod rows;
mod scaffold;
mod tokens;

pub use files::{File, Files, Owner};
pub use jackfield_mock::Replies;
pub use layout::{Layout, Origin};
pub use lock::{
    AcceptedTools, AddedOrigin, FILE as LOCK_FILE, Lock, LockChanges, Unaccepted, UnacceptedTool, Unlike,
};
pub use mock_replies::{REPLIES_FILE, mock_replies};
pub use rows::{GroupRow, MergeRow, OwnServer, PoolTexts, ToolRow, input_text, pool_texts};
pub use scaffold::{Runtime, Scaffold, Surroundings};
pub use tokens::{list_tokens, o200k, tool_tokens};

use std::collections::BTreeMap;

use jackfield_model::{Connector, side_by_side};
use jackfield_surface::{Digest, NamedTool, Surface, ToolGroup};
use proc_macro2::TokenStream;
use render::Block;
use tokens::TokenCounter;

/// The number of tools that one job prints: enough to be worth a thread, and few enough to divide a large
/// group.
const TOOLS_AT_ONCE: usize = 32;

/// Prints all generated files: the index, a file per group, the schema pool and the lock.
///
/// Tools are printed in parallel on all cores. The order of the output does not depend on that.
pub fn generate(connector: &Connector, surface: &Surface<'_>, origin: &Origin, layout: &Layout) -> Files {
    let folder = match layout {
        Layout::Crate => "src/generated/",
        Layout::OutDir { .. } => "",
    };
    let sent = pool_texts(&connector.pool.send);
    let received = pool_texts(&connector.pool.output);
    let digests = lock::Digests { sent: pool_digests(&sent), received: pool_digests(&received) };
    let counter = TokenCounter::new(connector);
    let tools = |tag: &str, tools: &[NamedTool<'_>]| {
        let counted = |tool| {
            let row = ToolRow::of(tool);
            ToolRow { tokens: counter.count(tool, &row), ..row }
        };
        let rows: Vec<ToolRow<'_>> = tools.iter().map(counted).collect();
        let pairs = || tools.iter().zip(&rows);
        Printed {
            text: render::render(emit::tools(pairs())),
            lines: pairs().map(|(tool, row)| lock::line(connector, tag, tool, row, &digests)).collect(),
        }
    };
    let block = |blocks: Vec<TokenStream>| {
        let blocks = blocks.into_iter().map(Block::Tokens).collect();
        Printed { text: render::render(blocks), lines: Vec::new() }
    };
    let merge = |merge| {
        let row = MergeRow::of(merge);
        MergeRow { tokens: counter.count_merge(merge, &row), ..row }
    };
    let merges: Vec<MergeRow<'_>> = connector.merges.iter().map(merge).collect();
    // A job belongs to one file. Jobs of a file are in the order of its tools.
    let mut jobs: Vec<(&str, Job<'_>)> =
        vec![("schemas", Box::new(|| block(emit::schemas(&sent, &received))))];
    for group in &surface.groups {
        let module = group.module.as_str();
        jobs.push((module, Box::new(move || block(emit::group(group)))));
        let tag = group.group.tag.as_str();
        let chunks = group.tools.chunks(TOOLS_AT_ONCE);
        jobs.extend(chunks.map(|some| (module, Box::new(move || tools(tag, some)) as Job<'_>)));
    }
    jobs.push(("mod", Box::new(|| block(emit::index(connector, surface, &merges, origin, layout)))));
    let header = render::header(&origin.document);
    let mut texts: BTreeMap<&str, String> = BTreeMap::new();
    let mut lines: Vec<String> = Vec::new();
    let printed = side_by_side(jobs.iter(), jobs.len(), |(), (_, job)| job());
    for ((name, _), printed) in jobs.iter().zip(printed) {
        let text = texts.entry(name).or_insert_with(|| header.trim_end().to_owned() + "\n");
        text.push('\n');
        text.push_str(&printed.text);
        lines.extend(printed.lines);
    }
    let mut files = Files::default();
    for (name, text) in texts {
        files.add(format!("{folder}{name}.rs"), Owner::Generator, text);
    }
    files.add(LOCK_FILE.to_owned(), Owner::Generator, lock::lock(connector, surface, lines, &digests));
    if *layout == Layout::Crate {
        let replies = mock_replies::mock_replies(connector, surface).to_string();
        files.add(REPLIES_FILE.to_owned(), Owner::Generator, replies);
        let test = mock_replies::tools_test(&connector.name);
        files.add(jackfield_templates::TOOLS_TEST.path.to_owned(), Owner::User, test);
    }
    files
}

/// Prints the lock of a connector, without printing code.
pub fn lock_text(connector: &Connector, surface: &Surface<'_>) -> String {
    let (sent, received) = (pool_texts(&connector.pool.send), pool_texts(&connector.pool.output));
    let digests = lock::Digests { sent: pool_digests(&sent), received: pool_digests(&received) };
    let of_group = |group| {
        let ToolGroup { group, tools, .. }: &ToolGroup<'_> = group;
        tools.iter().map(|tool| (group.tag.as_str(), tool))
    };
    let tools: Vec<(&str, &NamedTool<'_>)> = surface.groups.iter().flat_map(of_group).collect();
    let lines = side_by_side(tools.iter(), tools.len(), |(), (tag, tool)| {
        lock::line(connector, tag, tool, &ToolRow::of(tool), &digests)
    });
    lock::lock(connector, surface, lines, &digests)
}

fn pool_digests<'m>(texts: &PoolTexts<'m>) -> BTreeMap<&'m str, Digest> {
    texts.iter().map(|(name, text)| (*name, Digest::of([text.as_bytes()]))).collect()
}

/// A part of a file, and the lines of the lock about its tools.
struct Printed {
    text: String,
    lines: Vec<String>,
}

type Job<'m> = Box<dyn Fn() -> Printed + Send + Sync + 'm>;
