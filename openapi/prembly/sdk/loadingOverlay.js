// --- A replacement of the helper that the widgets load ---

announce();
if (!globalThis.loadingOverlay) globalThis.loadingOverlay = overlay;
