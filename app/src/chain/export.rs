//! The map as a drawing of its own: every colour and shape is in the file, so it prints and pastes anywhere.

use std::fmt::Write;

use domain::chain::{ChainMap, GapClass, MapNode};

use crate::{component::ICON_SPRITE, format, words::Locale};

/// Ink, ground, line and text of a class, as in the light theme of `style/tokens.css`.
const fn colours(class: GapClass) -> (&'static str, &'static str, &'static str, &'static str) {
    match class {
        GapClass::Strong => ("#ffffff", "#2a6a49", "#1d5b3c", "#ffffff"),
        GapClass::Weak => ("#7a5000", "#f5e4bd", "#a97a17", "#3c2a05"),
        GapClass::Missing => ("#9c2f15", "#fffaf8", "#b23c1e", "#6d1e0b"),
        GapClass::Extension => ("#274f86", "#e8eef7", "#466fa9", "#1c3c69"),
        GapClass::Unknown => ("#5c6057", "#f4f1ea", "#8a8c82", "#4a4e46"),
        GapClass::Present => ("#4a4e46", "#ffffff", "#8a8c82", "#23261f"),
        GapClass::Blank => ("#6b6f66", "#fbfaf7", "#8a8c82", "#6b6f66"),
    }
}

/// The line of a class says the same as its colour to those who see none.
const fn dashes(class: GapClass) -> &'static str {
    match class {
        GapClass::Missing => "5 3",
        GapClass::Extension => "9 3",
        GapClass::Unknown | GapClass::Blank => "1.5 2.5",
        GapClass::Strong | GapClass::Weak | GapClass::Present => "none",
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn marks() -> String {
    ICON_SPRITE
        .split("<symbol ")
        .skip(1)
        .filter(|symbol| symbol.starts_with("id=\"gap-"))
        .filter_map(|symbol| symbol.split_once("</symbol>"))
        .map(|(symbol, _)| format!("<symbol {symbol}</symbol>"))
        .collect()
}

fn node_box(words: Locale, node: &MapNode, width: f64, height: f64) -> String {
    let (ink, ground, line, text) = colours(node.class);
    let figure = match (node.class, node.score) {
        (GapClass::Unknown, _) => words.waits_for_data().to_owned(),
        (_, Some(score)) => format!("{score:.1}"),
        (_, None) => String::new(),
    };
    let firms = if node.class == GapClass::Unknown {
        String::new()
    } else {
        words.firm_count(node.local_firms)
    };
    let cover = node
        .cover
        .filter(|_| node.local_firms > 0)
        .map(|cover| {
            format!(
                r##"<rect y="{y}" width="{width}" height="4" fill="#ffffff" stroke="none"/><rect y="{y}" width="{full:.1}" height="4" fill="{line}" stroke="none"/>"##,
                y = height - 4.0,
                full = width * cover.clamp(0.0, 1.0),
            )
        })
        .unwrap_or_default();
    format!(
        r#"<rect width="{width}" height="{height}" rx="2" fill="{ground}" stroke="{line}" stroke-dasharray="{dash}"/>{cover}<text x="7" y="18" font-weight="700" fill="{text}">{name}</text><use href="{hash}gap-{key}" x="7" y="25" width="13" height="13" color="{ink}"/><text x="25" y="36" fill="{text}">{figure}</text><text x="{right}" y="36" text-anchor="end" fill="{text}">{firms}</text>"#,
        dash = dashes(node.class),
        name = escaped(&node.name),
        key = node.class.key(),
        figure = escaped(&figure),
        firms = escaped(&firms),
        right = width - 7.0,
        hash = '#',
    )
}

/// The whole map with title, legend and date, as SVG.
#[must_use]
pub fn map_svg(map: &ChainMap, words: Locale) -> String {
    const TOP: f64 = 56.0;
    const BOTTOM: f64 = 46.0;
    let layout = &map.layout;
    let width = layout.width.max(720.0) + 40.0;
    let height = layout.height + TOP + BOTTOM;
    let mut svg = String::new();
    let _ = write!(
        svg,
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" font-family="'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',sans-serif" font-size="12"><title>{title}</title><defs>{marks}<marker id="arrow" viewBox="0 0 6 6" refX="1" refY="3" markerWidth="6" markerHeight="6" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0l6 3-6 3z" fill="#8a8c82"/></marker></defs><rect width="100%" height="100%" fill="#ffffff"/><text x="20" y="30" font-size="20" font-weight="700" fill="#23261f">{title}</text><text x="{right}" y="30" text-anchor="end" fill="#5c6057">{moment}</text><g transform="translate(20 {TOP})">"##,
        title = escaped(&words.map_title(map.summary.name.clone())),
        marks = marks(),
        right = width - 20.0,
        moment = escaped(&format::moment(map.computed_at)),
    );
    for band in &layout.bands {
        let _ = write!(
            svg,
            r##"<path d="M{} -4H{}" stroke="#5c6057"/><text x="{}" y="-10" font-size="14" font-weight="700" fill="#23261f">{}</text>"##,
            band.x_from,
            band.x_to,
            band.x_from,
            escaped(words.stream(band.stage)),
        );
    }
    for edge in &layout.edges {
        let _ = write!(
            svg,
            r##"<path d="{}" fill="none" stroke="#8a8c82" marker-end="url(#arrow)"/>"##,
            escaped(&edge.path)
        );
    }
    for place in &layout.nodes {
        let Some(node) = map.nodes.iter().find(|node| node.id == place.id) else {
            continue;
        };
        let _ = write!(
            svg,
            r#"<g transform="translate({} {})">{}</g>"#,
            place.x,
            place.y,
            node_box(words, node, place.width, place.height)
        );
    }
    svg.push_str("</g>");
    let mut x = 20.0;
    for (class, count) in &map.summary.classes {
        let (ink, ..) = colours(*class);
        // White marks need another ink on white paper.
        let ink = if *class == GapClass::Strong {
            "#1d5b3c"
        } else {
            ink
        };
        let _ = write!(
            svg,
            r##"<g transform="translate({x} {y})" color="{ink}"><use href="#gap-{key}" width="13" height="13"/><text x="18" y="11" fill="#23261f">{word} {count}</text></g>"##,
            y = height - 30.0,
            key = class.key(),
            word = escaped(words.gap_class(*class)),
        );
        x += 96.0;
    }
    svg.push_str("</svg>\n");
    svg
}
