//! A page's content, rendered as Markdown and HTML.

use super::figure::Figure;

/// A page, or a part of one.
pub(super) type Blocks = Vec<Block>;
/// A line of text.
pub(super) type Line = Vec<Span>;

/// A part of a page.
#[derive(Debug, Clone)]
pub(super) enum Block {
    /// A heading of level 1 to 4.
    Heading(usize, String),
    /// A paragraph.
    Paragraph(Line),
    /// A list.
    List(Vec<Line>),
    /// A table.
    Table(Table),
    /// A figure, in the file `file` beside the page.
    Figure { file: String, figure: Figure },
    /// A picture of all studies, in the file `file` beside the page, drawn for wide and for narrow pages.
    Picture { file: String, words: String, wide: String, narrow: String },
    /// A command.
    Command(String),
    /// A section that HTML and GitHub can fold.
    Details { summary: String, blocks: Blocks },
}

/// A table.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// The columns.
    pub(super) columns: Vec<Column>,
    /// The rows, each with one line per column.
    pub(super) rows: Vec<Vec<Line>>,
}

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    /// The column title.
    pub(super) title: &'static str,
    /// Whether the column holds numbers.
    pub(super) number: bool,
    /// Whether narrow pages hide the column.
    pub(super) spare: bool,
}

/// A piece of a line.
#[derive(Debug, Clone)]
pub(super) enum Span {
    /// Text.
    Text(String),
    /// A name in a command or file.
    Code(String),
    /// Bold text.
    Strong(String),
    /// A verdict.
    Verdict(String, Tone),
    /// A link to a page.
    Link { text: String, target: String },
    /// A picture in a file beside the page.
    Image { words: String, file: String },
    /// The end of a line inside a paragraph.
    Break,
}

/// The colour and sign of a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// The claim holds.
    Good,
    /// The opposite holds.
    Bad,
    /// Within noise.
    Open,
    /// Not judged.
    None,
}

impl Tone {
    /// A sign, for readers who do not see colours.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Good => "✓",
            Self::Bad => "✗",
            Self::Open => "≈",
            Self::None => "–",
        }
    }
}

impl Column {
    /// A column of words.
    pub(super) fn words(title: &'static str) -> Self {
        Self { title, number: false, spare: false }
    }

    /// A column of numbers.
    pub(super) fn numbers(title: &'static str) -> Self {
        Self { title, number: true, spare: false }
    }

    /// The same column, hidden on narrow pages.
    pub(super) fn spare(self) -> Self {
        Self { spare: true, ..self }
    }
}

/// Text with code between backticks.
pub(super) fn prose(text: &str) -> Line {
    let parts = text.split('`').enumerate().filter(|(_, part)| !part.is_empty());
    parts
        .map(|(index, part)| if index % 2 == 1 { Span::Code(part.to_owned()) } else { Span::Text(part.to_owned()) })
        .collect()
}

/// The page as Markdown.
pub(super) fn markdown(blocks: &[Block]) -> String {
    let parts: Vec<String> = blocks.iter().map(block).collect();
    format!("{}\n", parts.join("\n\n"))
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading(level, text) => format!("{} {text}", "#".repeat(*level)),
        Block::Paragraph(line) => spans(line),
        Block::List(lines) => lines.iter().map(|line| format!("- {}", spans(line))).collect::<Vec<_>>().join("\n"),
        Block::Table(content) => table(content),
        Block::Figure { file, figure } => format!("![{}]({file})", figure.title()),
        Block::Picture { file, words, .. } => format!("![{words}]({file})"),
        Block::Command(command) => format!("```sh\n{command}\n```"),
        Block::Details { summary, blocks } => {
            format!("<details>\n<summary>{summary}</summary>\n\n{}\n</details>", markdown(blocks))
        }
    }
}

fn table(table: &Table) -> String {
    let row = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    let titles = row(table.columns.iter().map(|column| column.title.to_owned()).collect());
    let rule: String = table.columns.iter().map(|column| if column.number { "|---:" } else { "|---" }).collect();
    let rows = table.rows.iter().map(|cells| row(cells.iter().map(|cell| spans(cell)).collect()));
    [titles, rule + "|"].into_iter().chain(rows).collect::<Vec<_>>().join("\n")
}

fn spans(line: &[Span]) -> String {
    let span = |span: &Span| match span {
        Span::Text(text) => plain(text),
        Span::Code(code) => format!("`{code}`"),
        Span::Strong(text) => format!("**{}**", plain(text)),
        Span::Verdict(word, tone) => format!("{} {word}", tone.sign()),
        Span::Link { text, target } => format!("[{}]({target})", plain(text)),
        Span::Image { words, file } => format!("![{}]({file})", plain(words)),
        Span::Break => "<br>".to_owned(),
    };
    line.iter().map(span).collect()
}

/// Escapes text for Markdown.
fn plain(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|").replace('*', "\\*").replace('<', "&lt;")
}
