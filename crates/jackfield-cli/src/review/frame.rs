//! The frame of a page: its head, style and script, and the links to its sections.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::content_policy::{SCRIPT, STYLE, content_policy};
use super::words::line;

/// The maximum number of tools for a printed page with all details of each tool.
const MOST_PRINTED: usize = 60;

/// The parts of a page.
pub(super) struct Frame<'p> {
    pub(super) title: &'p str,
    pub(super) tools: usize,
    /// The id and the title of each section.
    pub(super) sections: &'p [(&'static str, &'static str)],
    pub(super) heading: Markup,
    pub(super) content: Markup,
    pub(super) footer: Markup,
}

impl Frame<'_> {
    /// Returns the whole page.
    pub(super) fn page(self) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(content_policy());
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="referrer" content="no-referrer";
                    title { "Review of " (line(self.title)) }
                    style { (PreEscaped(STYLE)) }
                }
                body.short[self.tools <= MOST_PRINTED] {
                    a.skip href="#main" { "Skip to the content" }
                    header {
                        (self.heading)
                        nav aria-label="Sections" {
                            ul {
                                @for (id, title) in self.sections {
                                    li { a href={ "#" (id) } { (title) } }
                                }
                            }
                        }
                    }
                    main id="main" tabindex="-1" { (self.content) }
                    footer { (self.footer) }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        }
    }
}
