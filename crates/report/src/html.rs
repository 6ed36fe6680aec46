//! The self-contained HTML page: no scripts, no requests.

use super::document::{Block, Span, Table, Tone};
use super::figure::{NARROW, STYLE, WIDE, escape};

const PAGE_STYLE: &str = include_str!("page.css");

/// A complete page.
pub(super) fn page(title: &str, blocks: &[Block]) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n\
         <style>\n{STYLE}{PAGE_STYLE}</style>\n</head>\n<body>\n<main>\n{}</main>\n</body>\n</html>\n",
        escape(title),
        body(blocks)
    )
}

fn body(blocks: &[Block]) -> String {
    blocks.iter().map(block).collect()
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading(level @ 3.., text) => format!("<h{level}>{}</h{level}>\n", escape(text)),
        Block::Heading(level, text) => {
            format!("<h{level} id=\"{}\">{}</h{level}>\n", anchor(text), escape(text))
        }
        Block::Paragraph(line) => format!("<p>{}</p>\n", spans(line)),
        Block::List(lines) => {
            let items: String = lines.iter().map(|line| format!("<li>{}</li>\n", spans(line))).collect();
            format!("<ul>\n{items}</ul>\n")
        }
        Block::Table(content) => table(content),
        Block::Figure { figure, .. } => pictures(&figure.inline(WIDE, "wide"), &figure.inline(NARROW, "narrow")),
        Block::Picture { wide, narrow, .. } => pictures(wide, narrow),
        Block::Command(command) => format!("<pre><code>{}</code></pre>\n", escape(command)),
        Block::Details { summary, blocks } => {
            format!("<details>\n<summary>{}</summary>\n{}</details>\n", escape(summary), body(blocks))
        }
    }
}

fn pictures(wide: &str, narrow: &str) -> String {
    format!("<figure>\n<div class=\"wide\">\n{wide}\n</div>\n<div class=\"narrow\">\n{narrow}\n</div>\n</figure>\n")
}

/// The id of a heading.
pub(super) fn anchor(text: &str) -> String {
    let letters =
        text.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' });
    let mut name: String = letters.collect();
    while name.contains("--") {
        name = name.replace("--", "-");
    }
    name.trim_matches('-').to_owned()
}

fn table(table: &Table) -> String {
    let class = |index: usize| {
        let column = &table.columns[index];
        let names: Vec<&str> = [(column.number, "number"), (column.spare, "spare")]
            .into_iter()
            .filter_map(|(has, name)| has.then_some(name))
            .collect();
        if names.is_empty() { String::new() } else { format!(" class=\"{}\"", names.join(" ")) }
    };
    let head: String = table
        .columns
        .iter()
        .enumerate()
        .map(|(index, column)| format!("<th{}>{}</th>", class(index), escape(column.title)))
        .collect();
    let row = |cells: &Vec<Vec<Span>>| {
        let cells: String =
            cells.iter().enumerate().map(|(index, cell)| format!("<td{}>{}</td>", class(index), spans(cell))).collect();
        format!("<tr>{cells}</tr>\n")
    };
    let rows: String = table.rows.iter().map(row).collect();
    format!("<div class=\"table\"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n")
}

fn spans(line: &[Span]) -> String {
    let span = |span: &Span| match span {
        Span::Text(text) => escape(text),
        Span::Code(code) => format!("<code>{}</code>", escape(code)),
        Span::Strong(text) => format!("<strong>{}</strong>", escape(text)),
        Span::Verdict(word, tone) => {
            let class = match tone {
                Tone::Good => "good",
                Tone::Bad => "bad",
                Tone::Open => "open",
                Tone::None => "none",
            };
            format!("<span class=\"verdict {class}\">{}&nbsp;{}</span>", tone.sign(), escape(word))
        }
        Span::Link { text, target } => format!("<a href=\"{}\">{}</a>", escape(target), escape(text)),
        Span::Image { words, file } => format!("<img alt=\"{}\" src=\"{}\"/>", escape(words), escape(file)),
        Span::Break => "<br/>".to_owned(),
    };
    line.iter().map(span).collect()
}
