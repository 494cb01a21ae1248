import { LabIcon } from '@jupyterlab/ui-components';

const svgstr = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3" fill="#616161">
    <circle cx="5" cy="4" r="2.5"/><circle cx="5" cy="20" r="2.5"/>
    <circle cx="13" cy="12" r="2.5"/><circle cx="20.5" cy="12" r="2.5"/>
    <path d="M6.2 5.2 12 10.3l-1 1.2-5.8-5zM6.2 18.8 12 13.7l-1-1.2-5.8 5zM14 11.1h5v1.8h-5z"/>
  </g>
</svg>`;

export const slicerIcon = new LabIcon({ name: 'jupyter-slicer:icon', svgstr });
