// --- A stand-in for the helper that the widgets load ---

standIn();
if (!globalThis.loadingOverlay) globalThis.loadingOverlay = overlay;
