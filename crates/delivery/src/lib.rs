//! Git refs to delivery actions
