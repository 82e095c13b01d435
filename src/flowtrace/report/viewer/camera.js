/** Where the looking glass is: world units to pixels of the canvas. */
const [FARTHEST, NEAREST] = [0.01, 3];

export class Camera {
  constructor() {
    [this.x, this.y, this.z, this.width, this.height] = [0, 0, 1, 1, 1];
  }

  toScreen(x, y) {
    return [(x - this.x) * this.z, (y - this.y) * this.z];
  }

  toWorld(px, py) {
    return [px / this.z + this.x, py / this.z + this.y];
  }

  /** Zoom, keeping a pixel over the same point. */
  zoomAt(factor, px, py) {
    const [x, y] = this.toWorld(px, py);
    this.z = Math.min(NEAREST, Math.max(FARTHEST, this.z * factor));
    [this.x, this.y] = [x - px / this.z, y - py / this.z];
  }

  pan(dx, dy) {
    this.x -= dx / this.z;
    this.y -= dy / this.z;
  }

  /** Show a box of the world; a small flow is not blown up beyond `most`. */
  fit([left, top, right, bottom], most = 1) {
    const [pad, head] = [24, 30];
    const across = (this.width - 2 * pad) / Math.max(right - left, 1);
    const down = (this.height - pad - head) / Math.max(bottom - top, 1);
    this.z = Math.min(NEAREST, Math.max(FARTHEST, Math.min(across, down, most)));
    this.x = (left + right) / 2 - this.width / 2 / this.z;
    this.y = (top + bottom) / 2 - (this.height + head - pad) / 2 / this.z;
  }

  /** Bring a card into sight, at a zoom at which it can be read. */
  reveal([x, y], [width, height], least) {
    const [left, top] = this.toScreen(x, y);
    const room = left > 30 && top > 40 && left + width * this.z < this.width - 30;
    if (room && top + height * this.z < this.height - 40 && this.z >= least) return;
    this.z = Math.max(this.z, least);
    this.x = x + width / 2 - this.width / 2 / this.z;
    this.y = y + height / 2 - this.height / 2 / this.z;
  }

  /** Return the box of the world in sight. */
  sight() {
    return [this.x, this.y, this.x + this.width / this.z, this.y + this.height / this.z];
  }
}
