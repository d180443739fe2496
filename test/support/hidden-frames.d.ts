/** Hadoken's frames that are in this page now, see hidden-frames.mjs; in the pages of attacker.ts too. */
declare function hiddenFrames(selector?: string): HTMLIFrameElement[];
