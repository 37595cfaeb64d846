//! The rooms of the browser's code: each has a file of its own, downloaded when the first of its pages is opened.
//!
//! What one room alone uses lies in that room's file, what two rooms share in a file that both fetch, and the rest
//! in the main file; the bundler finds this out from the calls. So the first page costs its own code only.

// The split macro declares an exported function for each page; nothing here is unsafe beyond that export.
#![allow(unsafe_code)]

use std::sync::atomic::{AtomicU64, Ordering};

use leptos::prelude::*;
use leptos_router::LazyRoute;

/// Whose turn it is to stand in the frame. The router waits for each page that was gone to, and the last one to arrive would
/// stay; this lets only the last one that was gone to arrive. Turns are taken when the router begins to fetch a page, which
/// is in the order of going.
pub struct Turn(u64);

static TURNS: AtomicU64 = AtomicU64::new(0);

impl Turn {
    fn take() -> Self {
        Self(TURNS.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Comes back only while no later page was gone to. On the server every request has a page of its own.
    async fn or_never(self) {
        if cfg!(target_family = "wasm") && TURNS.load(Ordering::Relaxed) != self.0 {
            std::future::pending::<()>().await;
        }
    }
}

/// Names the pages of one room: for each a route that fetches the room's files.
macro_rules! room {
    ($room:ident: $($route:ident, $view:ident, $preload:ident => $page:path;)+) => {$(
        #[leptos::wasm_split::wasm_split($room, wasm_split_path = ::leptos::wasm_split, preload($preload))]
        fn $view() -> AnyView {
            $page().into_any()
        }

        pub struct $route(Turn);

        impl LazyRoute for $route {
            fn data() -> Self {
                Self(Turn::take())
            }

            async fn view(this: Self) -> AnyView {
                // The server names the room in the page's head, so that its file is on the way before it is asked for.
                #[cfg(feature = "ssr")]
                leptos::prefetch_lazy_fn_on_server(stringify!($room));
                let view = $view().await;
                this.0.or_never().await;
                view
            }

            async fn preload() {
                #[cfg(not(feature = "ssr"))]
                $preload().await;
            }
        }
    )+};
}

// Few rooms on purpose: every set of rooms that shares code makes one more file to fetch.
room! { start:
    ChainListRoute, chain_list_view, preload_chain_list => crate::chain::ChainListPage;
}
room! { atlas:
    ChainMapRoute, chain_map_view, preload_chain_map => crate::chain::ChainMapPage;
}
room! { target:
    SearchHealthRoute, search_health_view, preload_search_health => crate::target::SearchHealthPage;
    TargetListRoute, target_list_view, preload_target_list => crate::target::TargetListPage;
    TargetListsRoute, target_lists_view, preload_target_lists => crate::target::TargetListsPage;
    TargetRoute, target_view, preload_target => crate::target::TargetPage;
    TargetTextRoute, target_text_view, preload_target_text => crate::target::TargetTextPage;
}
room! { desk:
    LeaderRoute, leader_view, preload_leader => crate::atlas::LeaderPage;
    ReviewRoute, review_view, preload_review => crate::atlas::ReviewPage;
    SettingRoute, setting_view, preload_setting => crate::atlas::SettingPage;
    ReferenceRoute, reference_view, preload_reference => crate::atlas::ReferencePage;
    NewChainRoute, new_chain_view, preload_new_chain => crate::atlas::NewChainPage;
    ChainEditRoute, chain_edit_view, preload_chain_edit => crate::atlas::ChainEditPage;
    HistoryRoute, history_view, preload_history => crate::atlas::HistoryPage;
    DuplicatesRoute, duplicates_view, preload_duplicates => crate::enterprise::DuplicatesPage;
    MergeRoute, merge_view, preload_merge => crate::enterprise::MergePage;
    WhatIfRoute, what_if_view, preload_what_if => crate::atlas::WhatIfPage;
    NoticeListRoute, notice_list_view, preload_notice_list => crate::notice::NoticeListPage;
    OwnSettingsRoute, own_settings_view, preload_own_settings => crate::notice::OwnSettingsPage;
    AuditRoute, audit_view, preload_audit => crate::audit::AuditPage;
    BinRoute, bin_view, preload_bin => crate::audit::BinPage;
    TokenRoute, token_view, preload_token => crate::account::TokenPage;
}
room! { pipeline:
    TodayRoute, today_view, preload_today => crate::lead::TodayPage;
    BoardRoute, board_view, preload_board => crate::lead::BoardPage;
    LeadRoute, lead_view, preload_lead => crate::lead::LeadPage;
    LeadListRoute, lead_list_view, preload_lead_list => crate::lead::LeadListPage;
    WeekRoute, week_view, preload_week => crate::lead::WeekPage;
    PoolRoute, pool_view, preload_pool => crate::lead::PoolPage;
    LedgerRoute, ledger_view, preload_ledger => crate::lead::LedgerPage;
    StageRulesRoute, stage_rules_view, preload_stage_rules => crate::lead::StageRulesPage;
}
room! { directory:
    EnterpriseListRoute, enterprise_list_view, preload_enterprise_list => crate::enterprise::EnterpriseListPage;
    EnterpriseRoute, enterprise_view, preload_enterprise => crate::enterprise::EnterprisePage;
    ImportListRoute, import_list_view, preload_import_list => crate::enterprise::ImportListPage;
    ImportRoute, import_view, preload_import => crate::enterprise::ImportPage;
}
room! { trip:
    TripListRoute, trip_list_view, preload_trip_list => crate::trip::TripListPage;
    TripFormRoute, trip_form_view, preload_trip_form => crate::trip::TripFormPage;
    TripRoute, trip_view, preload_trip => crate::trip::TripPage;
}
room! { outcome:
    TripYearRoute, trip_year_view, preload_trip_year => crate::trip::TripYearPage;
    TripReportRoute, trip_report_view, preload_trip_report => crate::trip::TripReportPage;
    TripBookRoute, trip_book_view, preload_trip_book => crate::trip::TripBookPage;
}

// Apart from the planner: a phone fetches this one alone, and keeps it for when there is no network.
room! { road:
    TripRoadRoute, trip_road_view, preload_trip_road => crate::trip::TripRoadPage;
}
