//! The panel of one node: every number opens into its terms.

use domain::chain::{ClassReason, CoefficientSource, NodePanel, NodeScore, TermKind};
use leptos::prelude::*;

use super::node_panel;
use crate::{
    component::{
        Bar, Confidence, GapTag, Icon, Marked, ProblemNotice, StageTag, load_part, query_value,
    },
    format,
    words::{Locale, use_words},
};

/// The side panel of the chosen node.
#[component]
pub fn Panel(node_id: i64, choose: Callback<Option<i64>>) -> impl IntoView {
    let words = use_words();
    let content = load_part(
        move || node_id,
        node_panel,
        move |panel, _| view! { <Content panel choose/> }.into_any(),
        || {
            view! { <div class="scroll" role="status"><span class="skeleton"></span></div> }
                .into_any()
        },
        |error| view! { <ProblemNotice problem=error.0/> }.into_any(),
    );
    view! { <aside class="drawer" aria-label=words.node_panel()>{content}</aside> }
}

fn term_name(words: Locale, kind: TermKind) -> &'static str {
    match kind {
        TermKind::Unmet => words.term_unmet(),
        TermKind::Relatedness => words.term_relatedness(),
        TermKind::Criticality => words.term_criticality(),
        TermKind::Priority => words.term_priority(),
    }
}

/// How a term came about, with its figures.
fn term_story(words: Locale, kind: TermKind, panel: &NodePanel) -> String {
    let score = &panel.score;
    match kind {
        TermKind::Unmet => {
            let source = match score.coefficient_source {
                CoefficientSource::Given => words.coefficient_given(),
                CoefficientSource::Assumed => words.coefficient_assumed(),
                CoefficientSource::Mixed => words.coefficient_mixed(),
                CoefficientSource::None => words.coefficient_none(),
            };
            words.story_unmet(
                yi(score.demand),
                yi(score.output),
                yi(panel.largest_demand),
                source,
            )
        }
        TermKind::Relatedness => words.story_relatedness().to_owned(),
        TermKind::Criticality => words.story_criticality().to_owned(),
        TermKind::Priority => panel
            .priority_source
            .clone()
            .unwrap_or_else(|| words.story_priority_missing().to_owned()),
    }
}

/// Output in 万元 as 亿元; a count of firms when that is the basis reads the same with other words around it.
fn yi(size: f64) -> String {
    format!("{:.2}", size / 10_000.0)
}

/// Why the node has its class, as a sentence with the figures that decided.
fn reason(words: Locale, score: &NodeScore) -> String {
    let class = words.gap_class(score.class);
    let detail = match &score.class_reason {
        ClassReason::FewReferenceFirms {
            reference_firms,
            needed,
        } => words.reason_few_reference(*reference_firms, *needed),
        ClassReason::FewMatchedFirms {
            matched,
            local_firms,
            needed,
        } => words.reason_few_matched(*matched, *local_firms, format!("{:.0}", needed * 100.0)),
        ClassReason::DemandWithoutFirms { demand } => words.reason_demand(yi(*demand)),
        ClassReason::NearStrong { hops, .. } => words.reason_near_strong(*hops),
        ClassReason::NothingNear { hops } => words.reason_nothing_near(*hops),
        ClassReason::LowCover {
            local_firms,
            cover,
            below,
        } => words.reason_low_cover(*local_firms, two(*cover), two(*below)),
        ClassReason::LowQuotient {
            local_firms,
            high,
            below,
        } => words.reason_low_quotient(*local_firms, two(*high), two(*below)),
        ClassReason::LowCoverAndQuotient {
            local_firms,
            cover,
            cover_below,
            high,
            quotient_below,
        } => words.reason_low_both(
            *local_firms,
            two(*cover),
            two(*cover_below),
            two(*high),
            two(*quotient_below),
        ),
        ClassReason::HighQuotientAndCover {
            local_firms,
            low,
            cover,
        } => words.reason_strong(*local_firms, two(*low), two(*cover)),
        ClassReason::Between {
            local_firms,
            low,
            high,
            ..
        } => words.reason_between(*local_firms, two(*low), two(*high)),
    };
    words.judged_as(class, detail)
}

fn two(number: f64) -> String {
    format!("{number:.2}")
}

/// Which change of a setting would give the node another class or another place.
#[component]
fn Flips(panel: NodePanel) -> impl IntoView {
    let words = use_words();
    let names = panel.other_names;
    let classes = panel
        .sensitivity
        .classes
        .into_iter()
        .map(|flip| {
            view! { <li>{words.class_flip(words.threshold(flip.threshold), flip.now, flip.at, words.gap_class(flip.to))}</li> }
        })
        .collect_view();
    let ranks = panel
        .sensitivity
        .ranks
        .into_iter()
        .map(|flip| {
            let other = names
                .iter()
                .find(|(id, _)| *id == flip.other_node)
                .map(|(_, name)| name.clone())
                .unwrap_or_default();
            let (term, now, at) = (term_name(words, flip.term), two(flip.now), two(flip.at));
            let text = if flip.before {
                words.rank_flip_before(term, now, at, other)
            } else {
                words.rank_flip_behind(term, now, at, other)
            };
            view! { <li>{text}</li> }
        })
        .collect_view();
    view! {
        <details class="flips">
            <summary>{words.what_would_flip()}</summary>
            <p class="muted small">{words.flips_note()}</p>
            <ul class="small">{classes}{ranks}</ul>
        </details>
    }
}

#[component]
fn Content(panel: NodePanel, choose: Callback<Option<i64>>) -> impl IntoView {
    let words = use_words();
    let node = panel.node.clone();
    let aliases = panel.aliases.join("、");
    let place = match &node.group {
        Some(group) => format!("{} · {group}", words.stream(node.stage)),
        None => words.stream(node.stage).to_owned(),
    };
    let head = if aliases.is_empty() {
        place
    } else {
        words.node_head(place, aliases)
    };
    let neighbours =
        words.node_neighbours(join_or_dash(&panel.inputs), join_or_dash(&panel.outputs));
    let candidate_total = panel.candidate_total;
    let (chain_id, node_id) = (panel.chain_id, node.id);
    let lead_sum: i64 = panel
        .leads
        .iter()
        .filter_map(|lead| lead.investment_wan)
        .sum();
    view! {
        <header>
            <div class="row">
                <h2>{node.name.clone()}</h2>
                <GapTag class=node.class/>
                <button type="button" class="btn quiet small icon end-x" aria-label=words.close()
                    on:click=move |_| choose.run(None)>
                    <Icon name="i-x"/>
                </button>
            </div>
            <p class="muted small">{head}</p>
        </header>
        <div class="scroll" tabindex="0" role="region" aria-label=node.name.clone()>
            <section>
                <Score panel=panel.clone()/>
                <p class="small">{reason(words, &panel.score)}</p>
                <p class="muted small">{neighbours}</p>
                <Flips panel=panel.clone()/>
            </section>
            <section>
                <h2>{words.local_firms()} " " {words.firm_count(node.local_firms)}</h2>
                {if panel.local_firms.is_empty() {
                    view! { <p class="muted small">{words.no_local_firm()}</p> }.into_any()
                } else {
                    view! {
                        <table class="mini"><tbody>
                            {panel.local_firms.into_iter().map(|firm| view! {
                                <tr>
                                    <td><a href=format!("/enterprises/{}", firm.enterprise_id)>{firm.name}</a></td>
                                    <td class="muted clip"><Marked text=firm.product term=firm.term/></td>
                                    <td class="num">{if firm.counted {
                                        format!("{:.0} %", firm.share * 100.0)
                                    } else {
                                        words.to_review().to_owned()
                                    }}</td>
                                </tr>
                            }).collect_view()}
                        </tbody></table>
                    }.into_any()
                }}
            </section>
            <section>
                <h2>
                    {words.candidates()}
                    <span class="end">
                        <a href=format!("/targets/{}", node.id)>{words.all_candidates(format::count(candidate_total))}</a>
                    </span>
                </h2>
                {if panel.search_down {
                    view! { <p class="small text-warn">{words.search_unavailable()}</p> }.into_any()
                } else if panel.candidates.is_empty() {
                    view! { <p class="muted small">{words.no_candidate()}</p> }.into_any()
                } else {
                    view! {
                        <table class="mini"><tbody>
                            {panel.candidates.into_iter().map(|row| view! {
                                <tr>
                                    <td class="num muted">{row.rank}</td>
                                    <td><a href=format!("/enterprises/{}", row.enterprise_id)>{row.name.clone()}</a></td>
                                    <td class="muted">{format::place(None, row.city.as_deref())}</td>
                                    <td class="num">{format!("{:.1}", row.score.total)}</td>
                                    <td><a class="small" href=what_if_href(chain_id, node_id, row.enterprise_id, &row.name)>{words.what_if()}</a></td>
                                    <td class="muted clip">{row.held.map_or_else(
                                        || words.not_contacted().to_owned(),
                                        |held| words.held_by(held.bureau),
                                    )}</td>
                                </tr>
                            }).collect_view()}
                        </tbody></table>
                    }.into_any()
                }}
            </section>
            <section>
                <h2>
                    {words.leads_in_progress(panel.leads.len())}
                    <span class="end muted">{words.sum_yi(format::yi(lead_sum))}</span>
                </h2>
                {if panel.leads.is_empty() {
                    view! { <p class="muted small">{words.no_lead_here()}</p> }.into_any()
                } else {
                    view! {
                        <table class="mini"><tbody>
                            {panel.leads.into_iter().map(|lead| view! {
                                <tr>
                                    <td><a href=format!("/leads/{}", lead.lead_id)>{lead.enterprise_name}</a></td>
                                    <td><StageTag stage=lead.stage/></td>
                                    <td class="muted">{lead.bureau}</td>
                                    <td class="num">{lead.investment_wan.map(|wan| words.yi(format::yi(wan)))}</td>
                                </tr>
                            }).collect_view()}
                        </tbody></table>
                    }.into_any()
                }}
                {(panel.hidden_leads > 0).then(|| view! {
                    <p class="muted small">{words.hidden_leads(panel.hidden_leads)}</p>
                })}
            </section>
        </div>
        <footer>
            <a class="btn primary wide" href=format!("/targets/{}", node.id)>{words.find_targets()}</a>
            <a class="btn" href=format!("/chains/{chain_id}/what-if?node={node_id}")>{words.let_something_land()}</a>
        </footer>
    }
}

/// Where this company lands on the node, as a question.
fn what_if_href(chain_id: i64, node_id: i64, enterprise_id: i64, name: &str) -> String {
    format!(
        "/chains/{chain_id}/what-if?node={node_id}&enterprise={enterprise_id}&name={}",
        query_value(name)
    )
}

fn join_or_dash(names: &[String]) -> String {
    if names.is_empty() {
        "—".to_owned()
    } else {
        names.join("、")
    }
}

/// The score and its terms; nodes that are no gap show what is known without a sum.
#[component]
fn Score(panel: NodePanel) -> impl IntoView {
    let words = use_words();
    let score = &panel.score;
    let quotient = &score.location_quotient;
    let facts = words.node_facts(
        two(score.presence),
        two(score.expected),
        two(quotient.mean),
        two(quotient.low),
        two(quotient.high),
        score.cover.map_or_else(|| "—".to_owned(), two),
        score.reference_firms,
    );
    let Some(total) = score.score else {
        return view! {
            <p class="small">{words.no_gap_score()}</p>
            <p class="muted small">{facts}</p>
        }
        .into_any();
    };
    let sum = score
        .terms
        .iter()
        .map(|term| format!("{:.1}", term.points))
        .collect::<Vec<_>>()
        .join(" + ");
    let confidence = score.confidence;
    let rows = score
        .terms
        .iter()
        .map(|term| {
            view! {
                <tr>
                    <td class="nowrap">{term_name(words, term.kind)}</td>
                    <td class="w-34"><Bar value=term.value/></td>
                    <td class="num">{term.value.map_or_else(|| words.missing_word().to_owned(), two)}</td>
                    <td class="num muted">{format!("×{:.2}", term.effective_weight)}</td>
                    <td class="num"><b>{format!("{:.1}", term.points)}</b></td>
                </tr>
                <tr class="how"><td colspan="5">{term_story(words, term.kind, &panel)}</td></tr>
            }
        })
        .collect_view();
    view! {
        <div class="score">
            <span>{words.gap_score()}</span>
            <span class="fig">{format!("{total:.1}")}</span>
            <span class="muted">{panel.rank.map(|rank| words.rank_in_chain(rank))}</span>
            <span class="end-x small"><Confidence value=confidence/></span>
        </div>
        <table class="explain">
            <thead>
                <tr>
                    <th>{words.term()}</th><th><span class="vh">{words.value()}</span></th>
                    <th class="num">{words.value()}</th><th class="num">{words.weight()}</th>
                    <th class="num">{words.points()}</th>
                </tr>
            </thead>
            <tbody>
                {rows}
                <tr class="sum"><td colspan="4">{format!("G = {sum}")}</td><td class="num">{format!("{total:.1}")}</td></tr>
            </tbody>
        </table>
        <p class="muted small">{facts}</p>
    }
    .into_any()
}
